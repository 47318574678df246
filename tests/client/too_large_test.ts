/** Requests and replies that are larger than the broker accepts. */

import assert from "node:assert/strict";
import { startBroker } from "../../runtime/broker/mod.ts";
import { connect, MessageTooLarge, RpcError } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";

const MiB = 2 ** 20;

const functions = {
  echo: `export default rpc("echo", (text: string) => text.length);`,
  waits: `export default rpc("waits", async () => {
    await released();
    return "waited";
  });`,
  twice: `export default rpc("twice", (text: string) => text + text);`,
};

Deno.test("A request that is too large fails at once, and other calls of the same client go on", async () => {
  await using broker = await startBroker({ port: 0, memory: true, limits: { bodySize: 17 * MiB } });
  await using app = await runApp({ functions, broker: broker.url });
  await using client = await connect(broker.url);
  const waiting = client.call("waits", null, { timeout: "2m" });
  // The test may fail before it awaits this.
  waiting.catch(() => {});

  await assert.rejects(client.call("echo", "x".repeat(17 * MiB + 1)), (error) => {
    assert.ok(error instanceof MessageTooLarge);
    assert.deepEqual([error.size, error.limit], [17 * MiB + 1, 17 * MiB]);
    return true;
  });
  assert.equal(await client.call("echo", "x".repeat(16.5 * MiB), { timeout: "2m" }), 16.5 * MiB);

  await app.release();
  assert.equal(await waiting, "waited");
});

Deno.test("A call fails with REPLY_TOO_LARGE if the broker refuses the size of its reply", async () => {
  await using broker = await startBroker({ port: 0, memory: true, limits: { bodySize: MiB } });
  await using _app = await runApp({ functions, broker: broker.url });
  await using client = await connect(broker.url);

  await assert.rejects(client.call("twice", "x".repeat(MiB * 0.6)), (error) => {
    assert.ok(error instanceof RpcError);
    const size = 2 * Math.floor(MiB * 0.6) + 2;
    assert.deepEqual([error.code, error.data], ["REPLY_TOO_LARGE", { size, limit: MiB }]);
    return true;
  });
  assert.equal(await client.call("twice", "x"), "xx");
});
