import { deathHeaders } from "./moved_headers.ts";
import type { Headers } from "./headers.ts";

/** The names of what delays need at the broker, all below `hopper.delay`. */
export const delayNames = {
  /** The exchange that a delayed message is sent to. */
  start: "hopper.delay",
  /** The exchange behind the last wait: a message that was cancelled goes no further. */
  gate: "hopper.delay.gate",
  /** The exchange that knows the destinations. */
  due: "hopper.delay.due",
  /** The queue, and its exchange, of messages whose destination is gone when they are due. */
  lost: "hopper.delay.dead",
  /** A queue that keeps nothing. It gets a copy of each published message, which then counts as routed. */
  none: "hopper.delay.none",
} as const;

/** The exchange behind the queue of a wait, which has the same name. */
export function waitName(wait: string): string {
  return `${delayNames.start}.${wait}`;
}

/** The header that names the first wait of a message. */
export const firstWait = "x-hopper-delay";

/** The header that names the wait which follows another one. */
export function waitAfter(wait: string): string {
  return `x-hopper-after-${wait}`;
}

/**
 * Whether a message with this exchange comes from a delay. Only the broker can publish to that exchange, so what the
 * message's headers say of its way is the broker's and Hopper's.
 */
export function wasDelayed(exchange: string): boolean {
  return exchange === delayNames.gate;
}

/** The headers without what a delay added: which waits, and what the broker wrote about each. */
export function withoutWaits(headers: Headers): Headers {
  return headers.filter((name) =>
    name !== firstWait && !name.startsWith(waitAfter("")) && !deathHeaders.includes(name)
  );
}
