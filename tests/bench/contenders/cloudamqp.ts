/** @cloudamqp/amqp-client: channels, as in its README. It has no option for TCP_NODELAY. */
import { AMQPClient } from "@cloudamqp/amqp-client";
import { bytes, counted, echo, fromTasks, job, keepOutstanding, perform } from "./kit.ts";

const client = new AMQPClient(job.url);
const connection = await client.connect();
const channel = await connection.channel();

await perform({
  async consume() {
    const handler = counted();
    await channel.prefetch(job.prefetch);
    await channel.basicConsume(job.queue, { noAck: false }, async (message) => {
      await handler();
      await message.ack();
    });
  },
  async serve() {
    await channel.queueDeclare(job.queue, { durable: false, autoDelete: false });
    await channel.prefetch(job.prefetch);
    await channel.basicConsume(job.queue, { noAck: false }, async (message) => {
      const { replyTo, correlationId } = message.properties;
      const output = JSON.stringify(echo(JSON.parse(message.bodyString())));
      await channel.basicPublish("", replyTo, output, { correlationId, contentType: "application/json" });
      await message.ack();
    });
  },
  async publish() {
    await channel.confirmSelect();
    const body = bytes();
    const send = () => channel.basicPublish("", job.queue, body, { deliveryMode: 2 });
    if (job.tasks) await fromTasks(send);
    else keepOutstanding((confirmed) => send().then(confirmed));
  },
});
