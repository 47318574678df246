/**
 * Publishes without waiting, like a program without back-pressure, and prints two lines of JSON: one when all
 * messages are settled, and one when a message is accepted again.
 *
 * Argument: `{ url, queue, count, bytes }` as JSON.
 */

import { BrokerBlocked, connect } from "../../runtime/client/mod.ts";

/** What it prints. */
export interface Said {
  readonly what: "settled" | "taken again";
  /** How many messages ended in each way. */
  readonly codes: Readonly<Record<string, number>>;
  /** The ids of confirmed messages, and of those that were under way when the broker blocked. */
  readonly confirmed: readonly string[];
  readonly uncertain: readonly string[];
  /** The highest number of unsettled messages at the same time. */
  readonly maxPending: number;
  /** How many were unsettled when the first failed because the broker was blocked. */
  readonly underWay: number;
  readonly maxBytes: number;
  /** How many bytes the process grew. */
  readonly rss: number;
  /** Milliseconds from a publish to its refusal. */
  readonly slowestRefusal: number;
}

if (import.meta.main) await flood(JSON.parse(Deno.args[0]!));

interface Options {
  url: string;
  queue: string;
  count: number;
  bytes: number;
}

async function flood({ url, queue, count, bytes }: Options): Promise<void> {
  await using hopper = await connect(url);
  const body = new Uint8Array(bytes);
  const before = Deno.memoryUsage().rss;
  const codes: Record<string, number> = {};
  const [confirmed, uncertain]: [string[], string[]] = [[], []];
  let [next, pending, maxPending, underWay, maxRss, slowestRefusal] = [0, 0, 0, 0, before, 0];

  const publish = () => {
    const started = performance.now();
    const messageId = `flood.${next++}`;
    pending++;
    hopper.send(queue, body, { messageId }).then(() => {
      confirmed.push(messageId);
      return "CONFIRMED";
    }, (error) => {
      slowestRefusal = Math.max(slowestRefusal, performance.now() - started);
      if (error instanceof BrokerBlocked && error.sent) {
        if (uncertain.length === 0) underWay = pending;
        uncertain.push(messageId);
      }
      return String(error.code);
    }).then((code) => {
      pending--;
      codes[code] = (codes[code] ?? 0) + 1;
    });
  };
  const say = (what: Said["what"]) => {
    const [maxBytes, rss] = [maxPending * bytes, maxRss - before];
    const said: Said = {
      what,
      codes,
      confirmed,
      uncertain,
      maxPending,
      underWay,
      maxBytes,
      rss,
      slowestRefusal,
    };
    console.log(JSON.stringify(said));
  };

  for (let i = 0; i < count; i++) {
    publish();
    maxPending = Math.max(maxPending, pending);
    if (i % 100 === 0) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      maxRss = Math.max(maxRss, Deno.memoryUsage().rss);
    }
  }
  while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  say("settled");
  const taken = confirmed.length;
  while (confirmed.length === taken) {
    publish();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  say("taken again");
}
