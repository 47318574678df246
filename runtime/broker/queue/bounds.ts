/** How much may wait in a queue, and for how long. */
import type { QueueSettings } from "./arguments.ts";
import type { Message } from "./message.ts";
import type { Ready } from "./ready.ts";

/** Whether the queue refuses the message for being full. */
export function isRefused(
  { overflow, maxLength, maxBytes }: QueueSettings,
  ready: Ready,
  message: Message,
): boolean {
  if (overflow === "drop-head") return false;
  return exceeds(maxLength, ready.length + 1) || exceeds(maxBytes, ready.bytes + message.size);
}

/** Whether the queue has to give up its head. */
export function overflows({ overflow, maxLength, maxBytes }: QueueSettings, ready: Ready): boolean {
  return overflow === "drop-head" && (exceeds(maxLength, ready.length) || exceeds(maxBytes, ready.bytes));
}

function exceeds(limit: number | undefined, amount: number): boolean {
  return limit !== undefined && amount > limit;
}

/** When the message dies in this queue, in ms since the epoch: the shorter of both times to live; 0 for never. */
export function expiryOf({ messageTtl }: QueueSettings, { traits }: Message): number {
  if (messageTtl === undefined) return traits.ttl < 0 ? 0 : Date.now() + traits.ttl;
  return Date.now() + (traits.ttl < 0 ? messageTtl : Math.min(traits.ttl, messageTtl));
}
