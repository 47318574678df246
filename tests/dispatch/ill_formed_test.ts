/** Text that AMQP would change on its way is refused where it is sent, also in a function's process. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const sends = `async (_: unknown, { send, publish, call, log }: Context) => {
  const half = "\\ud800";
  const attempts = {
    queue: () => send(\`q\${half}\`, 1),
    exchange: () => publish(half, "", 1),
    key: () => publish("", half, 1),
    rpc: () => call(half),
    id: () => send("out", 1, { messageId: half }),
    header: () => send("out", 1, { headers: { note: [half] } }),
    text: () => send("out", half),
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    log(await attempt().then(() => \`\${what}: sent\`, ({ name, message }) => \`\${what}: \${name} \${message}\`));
  }
}`;

for (const isolate of ["process", "inline"] as const) {
  testOnBroker(
    `A handler's send(), publish() and call() refuse text that is not well formed (${isolate})`,
    async ({ broker }) => {
      await broker.channel.assertQueue("out");
      await using app = await runApp({
        functions: { f: `export default queue("q", ${sends});` },
        config: { functions: { f: { isolate } } },
        broker,
      });

      await broker.send("q", "");
      await app.event("handled");

      const said = app.said("f");
      assert.deepEqual(said.map((line) => line.slice(0, line.indexOf(" is "))), [
        "queue: ArgumentError The queue",
        "exchange: ArgumentError The exchange",
        "key: ArgumentError The queue",
        "rpc: ArgumentError The queue",
        "id: ArgumentError The message id",
        "header: ArgumentError headers.note[0]",
        "text: ArgumentError The text",
      ]);
      assert.equal(await broker.waiting("out"), 0);
    },
  );
}
