/** A runtime that stops waits for no setup, and keeps its messages. */

import assert from "node:assert/strict";
import { runApp as runAnyApp, type TestAppOptions } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** Functions run in processes, unless the config says otherwise. */
const runApp = (options: TestAppOptions) => runAnyApp({ isolate: "process", ...options });

for (const ack of ["auto", "none"]) {
  testOnBroker(
    `A runtime that stops does not wait for a setup, and its message stays in the queue (ack: "${ack}")`,
    async ({ broker }) => {
      {
        await using app = await runApp({
          functions: {
            orders: `export default queue("orders", { ack: "${ack}", setupTimeout: 1000,
              setup: ({ log }) => { log("opening"); return new Promise(() => {}); } }, () => {});`,
          },
          broker,
          drainMs: 100,
        });
        await broker.channel.assertQueue("orders");
        await broker.send("orders", "1");
        await app.events("log", 2, { message: "opening" });
      }
      assert.equal(await broker.waiting("orders"), 1);
    },
  );
}

testOnBroker(
  "Without acknowledgements, a message that meets a setup that hangs is in its queue again when the runtime has stopped",
  async ({ broker }) => {
    using database = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const at = `127.0.0.1:${database.addr.port}`;
    const accepted: Deno.Conn[] = [];
    (async () => {
      for await (const connection of database) {
        // It answers only the first.
        if (accepted.push(connection) === 1) await connection.write(new Uint8Array(1));
      }
    })().catch(() => {});
    {
      await using app = await runApp({
        functions: {
          orders: `export default queue("orders", {
            ack: "none", idle: 50, permissions: { net: ["${at}"] },
            setup: async ({ log }) => {
              const db = await Deno.connect({ hostname: "127.0.0.1", port: ${database.addr.port} });
              log("opening");
              await db.read(new Uint8Array(1));
              return { db, end: { close: () => log("closed") } };
            } }, () => {});`,
        },
        broker,
      });
      await app.event("log", { message: "closed" });
      await broker.send("orders", "1");
      await app.events("log", 2, { message: "opening" });
      assert.equal(await broker.waiting("orders"), 0);
    }
    const { content } = await broker.next("orders");
    assert.equal(content.toString(), "1");
    for (const connection of accepted) connection.close();
  },
);
