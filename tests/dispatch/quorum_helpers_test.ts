/** Failed messages of a quorum queue are kept in quorum queues. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { hopperCommand } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "A message of a quorum queue is retried, dead-lettered, listed and replayed like any other",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `const retry = { attempts: 3, delay: 40, factor: 1, jitter: 0 };
      export default queue("q", { queueType: "quorum", retry }, (_, { log, attempt }) => {
        log("run", { attempt });
        throw new Error("No");
      });`,
      },
      broker,
    });
    const attempts = () => app.seen("log").map(({ data }) => data!.attempt);

    await broker.send("q", "a", { messageId: "m1" });
    await broker.send("q", "b", { messageId: "m2" });
    await app.events("dead-lettered", 2);
    assert.deepEqual(attempts().toSorted(), [1, 1, 2, 2, 3, 3]);

    const dead = async (...args: string[]) => {
      const { code, stdout, stderr } = await hopperCommand(["dead", ...args, "--json"], {
        broker: broker.url,
      });
      assert.equal(code, 0, stderr);
      return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    };
    for (let look = 0; look < 3; look++) {
      assert.deepEqual((await dead("list", "q")).map(({ id }) => id).toSorted(), ["m1", "m2"]);
    }
    assert.deepEqual(await dead("replay", "q", "m1"), [{ replayed: 1, interrupted: false }]);
    await app.events("dead-lettered", 3);
    assert.deepEqual(attempts().slice(6), [1, 2, 3]);

    // A queue of another type would be refused.
    await broker.channel.assertQueue("q.dead", {
      arguments: { "x-queue-type": "quorum", "x-delivery-limit": 2 ** 31 - 1 },
    });
  },
);

const retryArguments = {
  "x-queue-type": "quorum",
  "x-delivery-limit": 2 ** 31 - 1,
  "x-message-ttl": 50,
  "x-dead-letter-exchange": "",
  "x-dead-letter-routing-key": "q",
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
};

const failsOnce = {
  f: `export default queue("q", { queueType: "quorum", retry: { delay: 50, jitter: 0 } }, (_, { attempt }) => {
    if (attempt === 1) throw new Error("No");
  });`,
};

testOnBroker(
  "A quorum retry queue never expires, because declaring it again would not renew its lease",
  async ({ broker }) => {
    await using app = await runApp({ functions: failsOnce, broker });

    await broker.send("q", "a");
    assert.equal((await app.event("handled")).attempt, 2);

    // A queue with an expiry would be refused.
    await broker.channel.assertQueue("q.retry.50", { arguments: retryArguments });
  },
);

testOnBroker(
  "A quorum retry queue that was declared with an expiry is not used",
  async ({ broker }) => {
    await broker.channel.assertQueue("q.retry.50", {
      arguments: { ...retryArguments, "x-expires": 3_600_050 },
    });
    await using app = await runApp({ functions: failsOnce, broker });

    await broker.send("q", "a");

    assert.match(
      (await app.event("dead-lettered")).error,
      /'q\.retry\.50' exists with other settings: 'x-expires'/,
    );
    assert.equal(`${(await broker.next("q.dead")).content}`, "a");
  },
);
