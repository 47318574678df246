import assert from "node:assert/strict";
import { connect, ConnectionLost } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { freePort } from "../support/ports.ts";
import { rabbitmq, testOnBroker } from "../support/test_on_broker.ts";

const functions = {
  double: `export default rpc("double", (n: number) => 2 * n);`,
  hang:
    `export default rpc("hang", async (_, { log }) => { log("hangs"); await released(); return "late"; });`,
};

testOnBroker(
  "Closing the client waits until sent messages are confirmed, and rejects a pending call",
  async ({ broker, vhost }) => {
    await using app = await runApp({ functions, broker });
    await broker.channel.assertQueue("tasks");
    const hopper = await connect(vhost.url);
    const hanging = hopper.call("hang", 1).catch((error) => error);
    await app.event("log", { message: "hangs" });

    const sent = Promise.all(Array.from({ length: 100 }, (_, i) => hopper.send("tasks", i)));
    await hopper.close();

    await sent;
    assert.equal(await broker.waiting("tasks"), 100);
    assert.ok(await hanging instanceof ConnectionLost);
    await assert.rejects(hopper.send("tasks", 1), ConnectionLost);
    await assert.rejects(hopper.call("double", 1), ConnectionLost);
    await hopper.close();
    await app.release();
  },
);

Deno.test("Connecting gives up after its timeout and says why", { ignore: !rabbitmq }, async () => {
  const port = freePort();

  await assert.rejects(connect(`amqp://u:secret@127.0.0.1:${port}`, { timeout: "300ms" }), (error: Error) => {
    assert.ok(error instanceof ConnectionLost);
    assert.match(error.message, new RegExp(`amqp://u@127\\.0\\.0\\.1:${port} for 300 ms .*ECONNREFUSED`));
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await assert.rejects(connect("http://127.0.0.1"), /begins with 'http:\/\/'/);
});

Deno.test("Connecting says that the broker refused the login", { ignore: !rabbitmq }, async () => {
  const wrong = rabbitmq!.url.replace("guest:guest", "guest:wrong");

  await assert.rejects(connect(wrong, { timeout: "1s" }), /ACCESS_REFUSED|403/);
  await assert.rejects(connect(`${rabbitmq!.url}/no-such-vhost`, { timeout: "1s" }), /no-such-vhost/);
});

Deno.test("Connecting gives up if a program accepts the connection and never answers", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of silent) accepted.push(connection);
  })();
  const started = performance.now();

  await assert.rejects(connect(`amqp://127.0.0.1:${silent.addr.port}`, { timeout: "300ms" }), ConnectionLost);

  assert.ok(performance.now() - started < 3000);
  silent.close();
  await accepting;
  for (const connection of accepted) connection.close();
});
