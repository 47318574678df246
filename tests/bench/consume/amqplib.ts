/** A hand-written consumer with amqplib, which acknowledges each message. Arguments: URL, queue, options as JSON. */
import amqp from "amqplib";
import { createHandler } from "./handler.ts";

const [url, queue, options] = Deno.args as [string, string, string];
const { prefetch, ...work } = JSON.parse(options);
const handler = createHandler(work);
const connection = await amqp.connect(url, { noDelay: true });
const channel = await connection.createChannel();
await channel.prefetch(prefetch);
await channel.consume(queue, async (message) => {
  await handler();
  channel.ack(message!);
});
