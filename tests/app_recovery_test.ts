import assert from "node:assert/strict";
import { connectBroker } from "./support/amqp.ts";
import { spawnHopper, startHopper } from "./support/hopper.ts";
import { runApp } from "./support/app.ts";
import { freePort } from "./support/ports.ts";
import { startTcpProxy } from "./support/tcp_proxy.ts";
import { rabbitmqInstalled, startRabbitmq } from "./support/rabbitmq.ts";
import { testOnBroker } from "./support/test_on_broker.ts";

Deno.test("The runtime waits for a broker that is down at the start or dies, logs that, and goes on", {
  ignore: !rabbitmqInstalled(),
}, async () => {
  const port = freePort();
  const admin = `127.0.0.1:${freePort()}`;
  await using hopper = await spawnHopper({
    functions: {
      tasks:
        `import { queue } from "hopper"; export default queue("tasks", (text, { log }) => log(\`\${text}\`));`,
      logs: `import { fanout } from "hopper";
        export default fanout("logs", { exclusive: true }, (text, { log }) => log(\`\${text}\`));`,
    },
    broker: `amqp://guest:guest@127.0.0.1:${port}`,
    args: ["--admin", admin],
  });
  const ready = async () => {
    const response = await fetch(`http://${admin}/readyz`);
    await response.body?.cancel();
    return response.status;
  };

  const [first, second] = await hopper.events("connecting", 2, { connection: "consumers" });
  assert.match(String(first!.error), /ECONNREFUSED/);
  assert.ok(Number(second!.retryMs) >= 250, "the waits grow");
  assert.equal(await ready(), 503);

  await using node = await startRabbitmq({ port });
  await hopper.event("ready", {}, { timeout: 30_000 });
  await hopper.event("connected", { connection: "publisher" });
  assert.equal(await ready(), 204);
  await send("first");
  await hopper.said("tasks", "first");

  await node.kill();
  await hopper.event("detached", { function: "tasks" });
  assert.equal(await ready(), 503);
  await node.restart();
  await hopper.events("attached", 2, { function: "tasks" }, { timeout: 30_000 });
  await hopper.events("attached", 2, { function: "logs" }, { timeout: 30_000 });
  await send("second");
  await hopper.said("tasks", "second");
  await hopper.said("logs", "second");
  assert.equal((await hopper.stop()).code, 0);

  async function send(text: string) {
    await using broker = await connectBroker(node.url);
    await broker.send("tasks", text);
    await broker.publish("logs", "", text);
  }
});

testOnBroker(
  "The runtime reconnects after cut connections, and no message is lost",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("done");
    await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { publish: { queue: "done" } }, (text) => text);`,
      },
      broker: proxy.via(vhost.url),
    });
    const texts = Array.from({ length: 200 }, (_, i) => `${i}`);

    const sending = Promise.all(texts.map((text) => broker.send("q", text)));
    await app.event("handled");
    proxy.cut();
    proxy.heal();
    await sending;
    await app.events("attached", 2);

    const done = new Set<string>();
    while (done.size < texts.length) done.add(`${(await broker.next("done")).content}`);
    assert.equal(app.seen("dead-lettered").length, 0);
  },
);

testOnBroker(
  "A queue that is deleted while it is consumed is declared and consumed again",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default direct("levels", "error", (text, { log }) => log(text));`,
        other: `export default queue("other", (text, { log }) => log(text));`,
      },
      broker,
    });

    await broker.channel.deleteQueue("f");
    const { error } = await app.event("detached", { function: "f" });
    await app.events("attached", 2, { function: "f" });
    await broker.publish("levels", "error", "again");
    await app.event("handled", { function: "f" });

    assert.match(error, /deleted/);
    assert.equal(app.seen("detached", { function: "other" }).length, 0);
  },
);

testOnBroker("The messages of a killed runtime are handled by another one", async ({ broker, vhost }) => {
  await using first = await startHopper({
    functions: {
      f: `import { queue } from "hopper";
      export default queue("q", { prefetch: 1 }, async (_, { log }) => { log("began"); await new Promise(() => {}); });`,
    },
    broker: vhost.url,
  });
  await broker.send("q", "a");
  await first.said("f", "began");

  first.signal("SIGKILL");
  await first.exit();
  await using second = await runApp({
    functions: {
      f: `export default queue("q", (text, { message, log }) => log(\`\${text} \${message.redelivered}\`));`,
    },
    broker,
  });

  await second.event("handled");
  assert.deepEqual(second.said("f"), ["a true"]);
});
