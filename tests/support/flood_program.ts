/**
 * Publishes without waiting, as a program without back-pressure would, and says what became of it in two lines of
 * JSON: when all of it is settled, then when a message is taken again.
 *
 * Argument: `{ url, queue, count, bytes }` as JSON.
 */

import { connect } from "../../runtime/client/mod.ts";

const { url, queue, count, bytes } = JSON.parse(Deno.args[0]!);
await using hopper = await connect(url);
const body = new Uint8Array(bytes);
const before = Deno.memoryUsage().rss;
const codes: Record<string, number> = {};
let pending = 0;
let mostPending = 0;
let mostRss = before;
let slowestRefusal = 0;

function publish(): void {
  const started = performance.now();
  pending++;
  hopper.send(queue, body).then(() => "CONFIRMED", (error) => {
    slowestRefusal = Math.max(slowestRefusal, performance.now() - started);
    return String(error.code);
  }).then((code) => {
    pending--;
    codes[code] = (codes[code] ?? 0) + 1;
  });
}

function say(what: string): void {
  const mostBytes = mostPending * bytes;
  const rss = mostRss - before;
  console.log(JSON.stringify({ what, codes, pending, mostBytes, rss, slowestRefusal }));
}

for (let i = 0; i < count; i++) {
  publish();
  if (i % 20 === 0) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    mostPending = Math.max(mostPending, pending);
    mostRss = Math.max(mostRss, Deno.memoryUsage().rss);
  }
}
while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 20));
say("settled");
const confirmed = codes.CONFIRMED ?? 0;
while ((codes.CONFIRMED ?? 0) === confirmed) {
  publish();
  await new Promise((resolve) => setTimeout(resolve, 100));
}
say("taken again");
