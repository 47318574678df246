/**
 * Fills a queue: arguments are the URL, the queue, its size, and a message's body and properties as JSON. It writes
 * prepared bytes, in which only the message id changes, and ends when the broker has confirmed all of them.
 */
import { Buffer } from "node:buffer";
import { contentFrames } from "../../support/wire_client.ts";
import { concat } from "../../support/wire_client.ts";
import { CHANNEL, Link } from "../broker_link.ts";

/** How many bytes of messages may be unconfirmed. */
const WINDOW = 4 * 1024 * 1024;

const [url, queue, count, body, properties] = Deno.args as [string, string, string, string, string];
const link = await Link.open(url);
await link.call("confirm.select");
const firstId = "00000000-0000-7000-8000-000000000000";
const digits = 12;
const one = contentFrames(
  CHANNEL,
  "basic.publish",
  { exchange: "", routingKey: queue },
  { ...JSON.parse(properties), messageId: firstId },
  new TextEncoder().encode(body),
  131_072,
);
const idEnd = Buffer.from(one).indexOf(firstId) + firstId.length;
const batch = Math.max(1, Math.floor(WINDOW / 4 / one.length));
let sent = 0;
while (sent < Number(count)) {
  const now = Math.min(batch, Number(count) - sent);
  const bytes = Buffer.from(concat(Array.from({ length: now }, () => one)));
  for (let i = 0; i < now; i++) {
    const number = `${sent + i}`.padStart(digits, "0");
    bytes.write(number, i * one.length + idEnd - digits, "latin1");
  }
  await link.write(bytes);
  sent += now;
  await link.readUntil(() => sent - link.seen.confirmed <= 2 * batch);
}
await link.readUntil(() => link.seen.confirmed >= sent);
link.close();
