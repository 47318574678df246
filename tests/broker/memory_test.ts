import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Channel, type ChannelModel, connect } from "amqplib";
import { type Broker, startBroker } from "../../runtime/broker/mod.ts";

const LIMIT = 64 * 1024;
const BODY = Buffer.alloc(16 * 1024);

async function client(broker: Broker): Promise<{ connection: ChannelModel; channel: Channel }> {
  const connection = await connect(broker.url);
  return { connection, channel: await connection.createChannel() };
}

Deno.test("Publishers are blocked when memory is low, and unblocked when it is free", async () => {
  await using broker = await startBroker({ port: 0, memory: true, limits: { memory: LIMIT } });
  const publisher = await client(broker), consumer = await client(broker);
  const { queue } = await consumer.channel.assertQueue("");
  const blocked = new Promise<string>((resolve) => publisher.connection.once("blocked", resolve));
  const unblocked = new Promise<void>((resolve) => publisher.connection.once("unblocked", () => resolve()));
  for (let i = 0; i < 10; i++) publisher.channel.sendToQueue(queue, BODY);
  assert.equal(await blocked, "low on memory");

  let received = 0;
  const all = Promise.withResolvers<void>();
  await consumer.channel.consume(queue, (message) => {
    consumer.channel.ack(message!);
    if (++received === 10) all.resolve();
  });
  await unblocked;
  await all.promise;
  await publisher.connection.close();
  await consumer.connection.close();
});

Deno.test("Stored messages beyond the limit in memory are read from the disk when they are delivered", async () => {
  const data = await Deno.makeTempDir();
  {
    await using broker = await startBroker({ port: 0, data, limits: { resident: 1000, memory: LIMIT } });
    const connection = await connect(broker.url);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue("archive");
    const bodies = Array.from({ length: 20 }, (_, i) => `${i} `.repeat(2000));
    for (const body of bodies) {
      channel.sendToQueue("archive", Buffer.from(body), { persistent: true, messageId: body.slice(0, 2) });
      await channel.waitForConfirms();
    }
    for (const body of bodies) {
      const message = await channel.get("archive", { noAck: true });
      assert.ok(message);
      assert.deepEqual([message.content.toString(), message.properties.messageId], [body, body.slice(0, 2)]);
    }
    await connection.close();
  }
  await Deno.remove(data, { recursive: true });
});

Deno.test("A message stays in memory if one of its queues is not stored", async () => {
  const data = await Deno.makeTempDir();
  {
    await using broker = await startBroker({ port: 0, data, limits: { resident: 0 } });
    const connection = await connect(broker.url);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue("stored");
    await channel.assertQueue("passing", { durable: false });
    for (const queue of ["stored", "passing"]) await channel.bindQueue(queue, "amq.fanout", "");
    channel.publish("amq.fanout", "", Buffer.from("both"), { persistent: true });
    await channel.waitForConfirms();
    await channel.get("stored", { noAck: true });
    channel.sendToQueue("stored", Buffer.from("another commit"), { persistent: true });
    await channel.waitForConfirms();
    const message = await channel.get("passing", { noAck: true });
    assert.ok(message);
    assert.equal(message.content.toString(), "both");
    await connection.close();
  }
  await Deno.remove(data, { recursive: true });
});

Deno.test("A dead letter has the body of a message that was not in memory", async () => {
  const data = await Deno.makeTempDir();
  {
    await using broker = await startBroker({ port: 0, data, limits: { resident: 0 } });
    const connection = await connect(broker.url);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue("graves");
    await channel.assertQueue("work", { deadLetterExchange: "", deadLetterRoutingKey: "graves" });
    channel.sendToQueue("work", Buffer.from("remember me"), { persistent: true });
    await channel.waitForConfirms();
    const message = await channel.get("work");
    assert.ok(message);
    channel.nack(message, false, false);
    const dead = await channel.get("graves");
    assert.ok(dead);
    assert.equal(dead.content.toString(), "remember me");
    await connection.close();
  }
  await Deno.remove(data, { recursive: true });
});
