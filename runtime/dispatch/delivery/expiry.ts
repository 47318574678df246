import type { Delivery } from "../../core/ports/amqp.ts";
import { movedHeaders } from "../../core/ports/moved_headers.ts";

/*
 * The broker counts a message's `expiration` only until the message is first moved: a retry queue removes it, as all
 * dead-lettering does. So a moved message carries what is left of its time. What counts is the time that it spends here
 * and in Hopper's helper queues. The time that it then waits in its function's queue counts only if the process that
 * moved it also receives it, because only that process can read its own clock. The time of day is not used: it differs
 * between machines.
 */

/** The end of a message that was sent with an `expiration`. */
export interface Expiry {
  /** The sender's `expiration`, in milliseconds. */
  readonly expiration: number;
  /** Its end, a time of `performance.now()`. */
  readonly at: number;
}

// The name of this process's clock.
const clock = crypto.randomUUID();

/**
 * When a delivery's message expires; `undefined` if its sender did not say. `moved`: whether it comes from a helper
 * queue. `arrivedAt`: when it arrived, a time of `performance.now()`.
 */
export function expiryOf(
  { properties, headers }: Delivery,
  moved: boolean,
  arrivedAt: number,
): Expiry | undefined {
  const { expiration } = properties;
  if (!moved) return expiration === undefined ? undefined : { expiration, at: arrivedAt + expiration };
  const [sent, left] = [headers.get(movedHeaders.expiration), headers.get(movedHeaders.left)];
  if (typeof sent !== "number" || typeof left !== "number") return undefined;
  return { expiration: sent, at: Math.min(arrivedAt + left, byOwnClock(headers.get(movedHeaders.clock))) };
}

/** The headers for a message that is moved, and will wait there for `wait` milliseconds. */
export function expiryHeaders(expiry: Expiry | undefined, wait: number): Record<string, unknown> {
  if (expiry === undefined) return {};
  return {
    [movedHeaders.expiration]: expiry.expiration,
    [movedHeaders.left]: Math.max(0, leftOf(expiry) - wait),
    [movedHeaders.clock]: `${clock} ${Math.ceil(expiry.at)}`,
  };
}

/** Whole milliseconds until a message expires, at least 1. */
export function leftOf({ at }: Expiry): number {
  return Math.max(1, Math.ceil(at - performance.now()));
}

function byOwnClock(reading: unknown): number {
  if (typeof reading !== "string" || !reading.startsWith(`${clock} `)) return Infinity;
  return Number(reading.slice(clock.length)) || Infinity;
}
