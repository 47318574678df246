import assert from "node:assert/strict";
import { connect } from "amqplib";
import { run } from "./process.ts";
import { rabbitmqForTests, rabbitmqInstalled, startRabbitmq, withVhost } from "./rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

Deno.test("The virtual host of a test is deleted at its end", { ignore: !rabbitmq }, async () => {
  const vhost = await withVhost(rabbitmq!);
  const connection = await connect(vhost.url, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.assertQueue("hello", { durable: false });
  assert.equal((await vhost.inspect("queues", "hello")).durable, false);
  assert.equal(await vhost.inspect("queues", "other"), undefined);
  await connection.close();

  await vhost[Symbol.asyncDispose]();

  await assert.rejects(connect(vhost.url, { noDelay: true }), /ConnectionClose/);
});

Deno.test(
  "A test can stop, freeze and restart its own RabbitMQ node",
  { ignore: !rabbitmqInstalled() },
  async () => {
    await using node = await startRabbitmq();
    const connection = await connect(node.url, { noDelay: true });
    await (await connection.createChannel()).assertQueue("kept", { durable: true });
    assert.match(await node.ctl("list_queues", "name"), /^kept$/m);
    await connection.close();
    node.pause();
    node.resume();

    await node.restart();
    const again = await connect(node.url, { noDelay: true });
    assert.equal(
      (await (await again.createChannel()).checkQueue("kept")).queue,
      "kept",
      "data survives a restart",
    );
    await again.close();

    await node.kill();
    await assert.rejects(connect(node.url), /ECONNREFUSED/);
  },
);

Deno.test("Tests that need a missing RabbitMQ are left out with a notice, or fail if it is required", async () => {
  const leaveOut = (required: string) =>
    run(Deno.execPath(), [
      "eval",
      `import { leaveOut } from "${import.meta.resolve("./rabbitmq.ts")}"; leaveOut("Foo", "foo-server");`,
    ], { env: { HOPPER_REQUIRE_RABBITMQ: required, NO_COLOR: "1" } });

  const told = await leaveOut("");
  assert.equal(told.code, 0);
  assert.match(told.stderr, /\*\*\* Foo is not installed \(Debian: apt-get install foo-server\).* LEFT OUT/);

  const refused = await leaveOut("1");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Foo is not installed .*HOPPER_REQUIRE_RABBITMQ=1 demands it/);
});
