/** `maxPriority`: messages with a higher priority are handled first, also after retries and delays. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const oneAtATime = `prefetch: 1, maxPriority: 5`;

/** A function that is busy with its first message until it is released, and logs the others. */
const busyFirst = (options: string) =>
  `export default queue("q", { ${options} }, async (text, { log, attempt }) => {
    log(\`\${text} \${attempt}\`);
    if (text === "first") await released();
    if (text === "again" && attempt === 1) throw new Error("Again");
  });`;

testOnBroker(
  "Messages with a higher priority are handled first, in order within one priority",
  async ({ broker, vhost }) => {
    await using app = await runApp({ functions: { f: busyFirst(oneAtATime) }, broker });
    await using hopper = await connect(vhost.url);
    await hopper.send("q", "first");
    await app.event("log", { message: "first 1" });
    for (const [text, priority] of [["a", 0], ["b", 5], ["c", 1], ["d", 200], ["e", 1]] as const) {
      await hopper.send("q", text, { priority });
    }
    await hopper.send("q", "none");
    await app.release();
    await app.events("handled", 7);
    assert.deepEqual(app.said("f"), ["first 1", "b 1", "d 1", "c 1", "e 1", "a 1", "none 1"]);
  },
);

testOnBroker("Retries and delays keep the priority", async ({ broker, vhost }) => {
  await using app = await runApp({
    functions: {
      f: busyFirst(`${oneAtATime}, retry: { attempts: 2, delay: 200, jitter: 0 }`),
    },
    broker,
  });
  await using hopper = await connect(vhost.url);
  await hopper.send("q", "again", { priority: 3 });
  await app.event("retrying");
  await hopper.send("q", "first", { priority: 5 });
  await app.event("log", { message: "first 1" });
  await hopper.send("q", "low", { priority: 1 });
  await hopper.send("q", "delayed", { priority: 4, delay: 100 });
  while (await broker.waiting("q") < 3);
  await app.release();
  await app.events("handled", 4);
  assert.deepEqual(app.said("f"), ["again 1", "first 1", "delayed 1", "again 2", "low 1"]);
});

testOnBroker(
  "In a quorum function, a retry is not late because one with a higher priority waits too",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { queueType: "quorum", retry: { attempts: 2, delay: 2000, jitter: 0 } },
          (text, { attempt, log }) => {
            log(\`\${text} \${attempt}\`);
            if (attempt === 1) throw new Error("Again");
          });`,
      },
      broker,
    });
    await using hopper = await connect(vhost.url);
    await hopper.send("q", "low", { priority: 1 });
    await app.event("retrying");
    await hopper.send("q", "high", { priority: 9, delay: 700 });
    await app.events("handled", 2);
    assert.deepEqual(app.said("f").filter((said) => said.endsWith("2")), ["low 2", "high 2"]);
  },
);

testOnBroker(
  "A queue that exists without priorities is not used, and the error says what to write",
  async ({ broker }) => {
    await broker.channel.assertQueue("q");
    await using app = await runApp({
      functions: { f: `export default queue("q", { maxPriority: 5 }, () => {});` },
      broker,
    });
    const { error } = await app.event("detached", { function: "f" });
    assert.match(
      error,
      /Queue 'q' exists with other settings: 'x-max-priority' is none at the broker and 5 here. Match it \(remove 'maxPriority'\)/,
    );
  },
);
