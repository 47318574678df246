/** How much may wait in a queue, and for how long. */
import type { QueueSettings } from "./arguments.ts";
import { now } from "./clock.ts";
import type { Message } from "./message.ts";
import type { Ready } from "./ready.ts";

/** Whether the queue is full and refuses the message. */
export function isRefused(
  { overflow, maxLength, maxBytes }: QueueSettings,
  ready: Ready,
  message: Message,
): boolean {
  if (overflow === "drop-head") return false;
  return exceeds(maxLength, ready.length + 1) || exceeds(maxBytes, ready.bytes + message.size);
}

/** Whether the queue has to drop its first message. */
export function overflows({ overflow, maxLength, maxBytes }: QueueSettings, ready: Ready): boolean {
  return overflow === "drop-head" && (exceeds(maxLength, ready.length) || exceeds(maxBytes, ready.bytes));
}

function exceeds(limit: number | undefined, amount: number): boolean {
  return limit !== undefined && amount > limit;
}

/** When the message expires in this queue, on the clock of clock.ts; 0 for never. */
export function expiryOf(settings: QueueSettings, message: Message): number {
  const ttl = ttlOf(settings, message);
  return ttl === undefined ? 0 : now() + ttl;
}

/** Milliseconds that the message may wait in this queue: the shorter of its two limits; undefined for any time. */
export function ttlOf({ messageTtl }: QueueSettings, { traits }: Message): number | undefined {
  if (traits.ttl < 0) return messageTtl;
  return messageTtl === undefined ? traits.ttl : Math.min(traits.ttl, messageTtl);
}
