/**
 * Keeps a queue filled until this many messages are sent, and then ends. Arguments: URL, queue, messages, bytes of each, and
 * how many make the queue full: it waits then, so that neither it nor the broker holds more. Default: 20,000.
 */
import { Buffer } from "node:buffer";
import amqp from "amqplib";

const [url, queue, messages, bytes, most] = Deno.args as [string, string, string, string, string?];
const full = Number(most ?? 20_000);
const atOnce = 2_000;

const connection = await amqp.connect(url, { noDelay: true });
const channel = await connection.createConfirmChannel();
const body = Buffer.alloc(Number(bytes), "x");
for (let sent = 0; sent < Number(messages); sent += atOnce) {
  while ((await channel.checkQueue(queue)).messageCount > full) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (let i = 0; i < atOnce; i++) channel.sendToQueue(queue, body);
  await channel.waitForConfirms();
}
await connection.close();
