import assert from "node:assert/strict";
import process from "node:process";
import { AmqpConnection } from "../../runtime/link/connection.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { BrokerError } from "../../runtime/core/ports/amqp_errors.ts";
import type { Channel, Delivery } from "../../runtime/core/ports/amqp.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";
import { rabbitmq, testOnBroker } from "../support/test_on_broker.ts";

const queue = { durable: true, exclusive: false, autoDelete: false, arguments: {} };

/** The next message in a queue. */
async function nextOf(channel: Channel, name: string): Promise<Delivery> {
  return (await take(channel, name, 1))[0]!;
}

/** The next messages of a queue, unsettled. */
async function take(channel: Channel, name: string, count: number): Promise<Delivery[]> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const taken: Delivery[] = [];
  const tag = await channel.consume(name, { noAck: false }, (delivery) => {
    if (taken.push(delivery) === count) resolve();
  }, () => {});
  await promise;
  await channel.cancel(tag);
  return taken;
}

testOnBroker(
  "A delivery is settled once, and not after its channel has closed",
  async ({ broker, vhost }) => {
    const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "test");
    const channel = await connection.openChannel();
    await channel.declareQueue({ ...queue, name: "q" });

    await broker.send("q", "a");
    const first = await nextOf(channel, "q");
    assert.equal(first.open, true);
    first.ack();
    first.ack();
    first.requeue();
    assert.equal(first.open, false);

    await broker.send("q", "b");
    const second = await nextOf(channel, "q");
    await channel.close();
    assert.equal(second.open, false);
    second.ack();
    second.requeue();

    const other = await connection.openChannel();
    const again = await nextOf(other, "q");
    second.ack();
    assert.equal(again.redelivered, true);
    assert.equal(again.open, true);
    await other.close();
    await connection.close();
    assert.equal(await broker.waiting("q"), 1);
  },
);

testOnBroker(
  "A delivery that is unsettled when its channel closes is requeued without an error",
  async ({ broker, vhost }) => {
    const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "test");
    const channel = await connection.openChannel();
    await channel.declareQueue({ ...queue, name: "q" });
    for (const text of ["in time", "late"]) await broker.send("q", text);
    const [inTime, late] = await take(channel, "q", 2);

    inTime!.ack();
    const closing = channel.close();
    assert.equal(late!.open, false);
    late!.ack();
    await closing;
    await connection.close();

    assert.equal(`${(await broker.next("q")).content}`, "late");
    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBroker(
  "Deliveries that are requeued and acknowledged in one turn are each settled as they should be",
  async ({ broker, vhost }) => {
    const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "test");
    const channel = await connection.openChannel();
    await channel.declareQueue({ ...queue, name: "q" });
    for (const text of ["a", "b", "c"]) await broker.send("q", text);
    const [a, b, c] = await take(channel, "q", 3);

    b!.ack();
    a!.requeue();
    c!.ack();
    await channel.close();
    await connection.close();

    assert.equal(`${(await broker.next("q")).content}`, "a");
    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBroker(
  "A refusal by the broker has its code and text, and closes only that channel",
  async ({ vhost }) => {
    const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "test");
    const [channel, other] = await Promise.all([connection.openChannel(), connection.openChannel()]);
    await channel.declareQueue({ ...queue, name: "q" });

    await assert.rejects(channel.declareQueue({ ...queue, name: "q", durable: false }), (error) => {
      assert.ok(error instanceof BrokerError);
      assert.equal(error.replyCode, 406);
      assert.match(error.replyText, /^PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q'/);
      return true;
    });

    assert.equal((await channel.ended).replyCode, 406);
    assert.equal(await other.declareQueue({ ...queue, name: "q" }), "q");
    await other.close();
    await connection.close();
  },
);

testOnBroker(
  "When a queue is deleted, its consumer is told that it was cancelled",
  async ({ broker, vhost }) => {
    const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "test");
    const channel = await connection.openChannel();
    await channel.declareQueue({ ...queue, name: "q" });
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    await channel.consume("q", { noAck: false }, () => {}, resolve);

    await broker.channel.deleteQueue("q");

    await cancelled;
    await channel.close();
    await connection.close();
  },
);

Deno.test(
  "Connecting with a wrong password says that the broker refused it",
  { ignore: !rabbitmq },
  async () => {
    const address = parseAmqpUri(rabbitmq!.url.replace("guest:guest", "guest:wrong"));

    await assert.rejects(AmqpConnection.open(address, "test"), (error) => {
      assert.ok(error instanceof BrokerError);
      assert.equal(error.replyCode, 403);
      return true;
    });
  },
);

testOnBroker("A frame that is longer than agreed ends the connection", async ({ vhost }) => {
  await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
  const connection = await AmqpConnection.open(parseAmqpUri(proxy.via(vhost.url)), "test");

  // A reader that believed this size would wait for the rest, and take all that follows for it, heartbeats too.
  const [method, channel, size] = [1, 0, 1_000_000];
  const header = new DataView(new ArrayBuffer(7));
  header.setUint8(0, method);
  header.setUint16(1, channel);
  header.setUint32(3, size);
  proxy.corrupt(() => new Uint8Array(header.buffer));
  await assert.rejects(connection.openChannel());

  assert.match(await connection.closed, /Frame size 1000000/);
});

testOnBroker(
  "A connection with many channels causes no warning of a listener leak",
  async ({ vhost }) => {
    const warnings: string[] = [];
    const note = ({ name }: Error) => void warnings.push(name);
    process.on("warning", note);
    try {
      const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "test");
      for (let i = 0; i < 12; i++) await connection.openConfirmChannel();
      // Node emits warnings in a later turn.
      await new Promise((resolve) => process.nextTick(resolve));
      assert.deepEqual(warnings, []);
      await connection.close();
    } finally {
      process.off("warning", note);
    }
  },
);
