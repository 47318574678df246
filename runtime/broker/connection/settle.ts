/** The client's answers: ack, nack, reject, recover. */
import type { Queue } from "../queue/queue.ts";
import type { Channel } from "./channel.ts";
import type { Unacked } from "./unacked.ts";

export type Answer = "ack" | "reject" | "requeue";

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
  if (channel.prefetch === 0) consumer.resume();
  else channel.resume();
}

export function settle(channel: Channel, taken: readonly [number, Unacked][], how: Answer): void {
  if (how === "requeue") return giveBack(channel, taken);
  for (const [, { queue, entry }] of taken) {
    if (how === "ack") queue.settle(entry);
    else queue.reject(entry);
  }
  channel.answered(taken);
}

/** The counts go down before the queues hand out again, so that a message may come back to who returned it. */
function giveBack(channel: Channel, taken: readonly [number, Unacked][]): void {
  const byQueue = new Map<Queue, Unacked[]>();
  for (const [, unacked] of taken) {
    const list = byQueue.get(unacked.queue);
    if (list) list.push(unacked);
    else byQueue.set(unacked.queue, [unacked]);
    unacked.consumer?.answered();
  }
  for (const [queue, list] of byQueue) {
    for (const { consumer } of list) if (consumer && !queue.deleted) queue.consumers.resume(consumer);
    queue.requeue(list.map(({ entry }) => entry));
  }
  if (channel.prefetch !== 0) channel.resume();
}
