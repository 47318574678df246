import assert from "node:assert/strict";
import amqplib, { type ConsumeMessage, type Message } from "amqplib";
import { contract } from "../../support/contract.ts";

contract("The client amqplib declares, publishes, gets and acknowledges", async (broker) => {
  const connection = await amqplib.connect(broker.address.url);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue(broker.unique("amqplib"), { durable: true, maxLength: 10 });
  await channel.assertExchange("amq.topic", "topic");
  await channel.bindQueue(queue, "amq.topic", `${queue}.*`);
  channel.publish("amq.topic", `${queue}.new`, Buffer.from("hello"), {
    headers: { count: 1 },
    persistent: true,
  });
  const got = await channel.get(queue);
  assert.ok(got);
  assert.deepEqual([got.content.toString(), got.properties.headers, got.properties.deliveryMode], [
    "hello",
    { count: 1 },
    2,
  ]);
  channel.ack(got);
  assert.equal(await channel.get(queue), false);
  assert.deepEqual(await channel.checkQueue(queue), { queue, messageCount: 0, consumerCount: 0 });
  assert.deepEqual(await channel.deleteQueue(queue), { messageCount: 0 });
  await channel.close();
  await connection.close();
});

contract("The client amqplib consumes with a prefetch, requeues and cancels", async (broker) => {
  const connection = await amqplib.connect(broker.address.url);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.prefetch(1);
  const seen: string[] = [];
  const third = Promise.withResolvers<void>();
  const { consumerTag } = await channel.consume(queue, (message: ConsumeMessage | null) => {
    const { content, fields } = message!;
    seen.push(`${content} ${fields.redelivered}`);
    if (fields.redelivered || String(content) === "second") channel.ack(message!);
    else channel.nack(message!);
    if (seen.length === 3) third.resolve();
  });
  channel.sendToQueue(queue, Buffer.from("first"));
  channel.sendToQueue(queue, Buffer.from("second"));
  await third.promise;
  assert.deepEqual(seen, ["first false", "first true", "second false"]);
  await channel.cancel(consumerTag);
  await connection.close();
});

contract("The client amqplib gets confirms and returns", async (broker) => {
  const connection = await amqplib.connect(broker.address.url);
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  for (let i = 0; i < 100; i++) channel.sendToQueue(queue, Buffer.from(String(i)));
  await channel.waitForConfirms();
  assert.equal((await channel.checkQueue(queue)).messageCount, 100);

  const returned = Promise.withResolvers<Message>();
  channel.on("return", returned.resolve);
  channel.publish("", broker.unique("nobody"), Buffer.from("returned"), { mandatory: true });
  await channel.waitForConfirms();
  assert.equal((await returned.promise).content.toString(), "returned");
  await connection.close();
});

contract("The client amqplib sees a refusal close the channel and not the connection", async (broker) => {
  const connection = await amqplib.connect(broker.address.url);
  const channel = await connection.createChannel();
  const missing = broker.unique("missing");
  const error = Promise.withResolvers<Error>();
  channel.on("error", error.resolve);
  await assert.rejects(channel.checkQueue(missing), /NOT_FOUND/);
  assert.equal(
    (await error.promise).message,
    `Channel closed by server: 404 (NOT-FOUND) with message "NOT_FOUND - no queue '${missing}' in vhost '/'"`,
  );
  await (await connection.createChannel()).checkExchange("amq.direct");
  await connection.close();
});

contract("The client amqplib is told when its consumer's queue is deleted", async (broker) => {
  const connection = await amqplib.connect(broker.address.url);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue(broker.unique("amqplib"));
  const cancelled = Promise.withResolvers<null>();
  await channel.consume(queue, (message: ConsumeMessage | null) => {
    if (message === null) cancelled.resolve(message);
  });
  await channel.deleteQueue(queue);
  assert.equal(await cancelled.promise, null);
  await connection.close();
});

contract("The client amqplib loses nothing that it published just before closing", async (broker) => {
  const connection = await amqplib.connect(broker.address.url);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue(broker.unique("amqplib"));
  for (let i = 0; i < 1000; i++) channel.sendToQueue(queue, Buffer.alloc(1000, i));
  await channel.close();
  await connection.close();
  const reader = await broker.channel();
  await reader.call("basic.consume", { queue, noAck: true });
  assert.equal((await reader.bodies(1000)).length, 1000);
});

contract("The client amqplib is refused with a wrong password", async (broker) => {
  const url = broker.address.url.replace("guest:guest", "guest:wrong");
  await assert.rejects(amqplib.connect(url), /ACCESS.REFUSED/);
});
