import type { Queue } from "../queue/queue.ts";
import type { ChannelLimit } from "./channel_limit.ts";
import type { Receiver, Unacked } from "./unacked.ts";

/** What a client says of a delivery. `requeue` counts as a failed delivery, `release` does not. */
export type Answer = "ack" | "reject" | "requeue" | "release";

/** The most frequent case, by itself as it allocates nothing: one delivery is acknowledged. */
export function acknowledge({ entry, queue, consumer }: Unacked, limit: ChannelLimit): void {
  queue.settle(entry);
  if (!consumer) return;
  consumer.answered();
  limit.serve();
  consumer.resume();
}

/** Does what the answer says with all deliveries that it is for. */
export function settle(taken: readonly [number, Unacked][], how: Answer, limit: ChannelLimit): void {
  // First make room, so that a message may come back to the consumer that returned it.
  const consumers = new Set<Receiver>();
  for (const [, { consumer }] of taken) {
    if (!consumer) continue;
    consumer.answered();
    consumers.add(consumer);
  }
  if (how === "requeue" || how === "release") giveBack(taken, how === "requeue");
  else for (const [, { queue, entry }] of taken) how === "ack" ? queue.settle(entry) : queue.reject(entry);
  limit.serve();
  for (const consumer of consumers) consumer.resume();
}

/** A stream among the queues of deliveries. */
export function streamIn(taken: readonly [number, Unacked][]): Queue | undefined {
  return taken.find(([, { queue }]) => queue.settings.type === "stream")?.[1].queue;
}

/** Returns the deliveries to their queues, in order. */
export function giveBack(taken: readonly [number, Unacked][], failed: boolean): void {
  const byQueue = Map.groupBy(taken, ([, { queue }]) => queue);
  for (const [queue, list] of byQueue) queue.requeue(list.map(([, { entry }]) => entry), failed);
}
