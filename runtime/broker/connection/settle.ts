/** The client's answers: ack, nack, reject, recover. */
import type { Channel } from "./channel.ts";
import type { ChannelConsumer } from "./channel_consumer.ts";
import type { Unacked } from "./unacked.ts";

/** `requeue` is a delivery that failed, `release` one that was not tried. */
export type Answer = "ack" | "reject" | "requeue" | "release";

/** Answers one delivery, or with `multiple` all up to it. Throws on a tag that is not outstanding. */
export function answer(channel: Channel, tag: number, multiple: boolean, how: Answer): void {
  if (!multiple && how === "ack" && !channel.transaction) {
    return acknowledge(channel, channel.unacked.take(tag));
  }
  const taken: [number, Unacked][] = multiple
    ? channel.unacked.takeUpTo(tag)
    : [[tag, channel.unacked.take(tag)]];
  if (channel.transaction) channel.transaction.answer(taken, how);
  else settle(channel, taken, how);
}

/** The common case by itself: nothing is allocated for it. */
function acknowledge(channel: Channel, { entry, queue, consumer }: Unacked): void {
  queue.settle(entry);
  if (!consumer) return;
  consumer.answered();
  channel.serve();
  consumer.resume();
}

export function settle(channel: Channel, taken: readonly [number, Unacked][], how: Answer): void {
  // The counts go down first, so that a message may come back to who returned it.
  const consumers = new Set<ChannelConsumer>();
  for (const [, { consumer }] of taken) {
    if (!consumer) continue;
    consumer.answered();
    consumers.add(consumer);
  }
  if (how === "requeue" || how === "release") giveBack(taken, how === "requeue");
  else for (const [, { queue, entry }] of taken) how === "ack" ? queue.settle(entry) : queue.reject(entry);
  channel.serve();
  for (const consumer of consumers) consumer.resume();
}

function giveBack(taken: readonly [number, Unacked][], failed: boolean): void {
  const byQueue = Map.groupBy(taken, ([, { queue }]) => queue);
  for (const [queue, list] of byQueue) queue.requeue(list.map(([, { entry }]) => entry), failed);
}
