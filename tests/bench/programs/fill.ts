/**
 * Fills a queue: arguments are the URL, the queue, its size, and a message's body and properties as JSON. It writes
 * prepared bytes, and ends when the broker has confirmed all of them.
 */
import { contentFrames } from "../../support/wire_client.ts";
import { concat } from "../../support/wire_client.ts";
import { CHANNEL, Link } from "../broker_link.ts";

/** How many bytes of messages may be unconfirmed. */
const WINDOW = 4 * 1024 * 1024;

const [url, queue, count, body, properties] = Deno.args as [string, string, string, string, string];
const link = await Link.open(url);
await link.call("confirm.select");
const one = contentFrames(
  CHANNEL,
  "basic.publish",
  { exchange: "", routingKey: queue },
  JSON.parse(properties),
  new TextEncoder().encode(body),
  131_072,
);
const batch = Math.max(1, Math.floor(WINDOW / 4 / one.length));
let sent = 0;
while (sent < Number(count)) {
  const now = Math.min(batch, Number(count) - sent);
  await link.write(concat(Array.from({ length: now }, () => one)));
  sent += now;
  await link.readUntil(() => sent - link.seen.confirmed <= 2 * batch);
}
await link.readUntil(() => link.seen.confirmed >= sent);
link.close();
