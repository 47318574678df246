import type { Delivery } from "../../core/ports/amqp.ts";
import { movedHeaders } from "../../core/ports/moved_headers.ts";

/*
 * A message's own `expiration` is the broker's to count only until the message is first moved: a retry queue takes it
 * away, as all dead-lettering does. So a message that is moved bears what is left of it. What counts is the time that it
 * spends here and in queues of Hopper's own; what it then waits in its function's queue is known to the process that
 * moved it alone, by a clock that only that process has. The time of day, which no two machines have the same, says
 * nothing here.
 */

/** When a message that was sent with an `expiration` is over. */
export interface Expiry {
  /** The sender's `expiration`, in milliseconds. */
  readonly expiration: number;
  /** As `performance.now()` counts. */
  readonly at: number;
}

// Names the clock of this process.
const clock = crypto.randomUUID();

/**
 * When a delivery's message is over; nothing where its sender did not say. `moved`: whether it comes from a queue of
 * Hopper's own, `arrivedAt`: when it came, as `performance.now()` counts.
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

/** What a message that is moved has to bear, `wait` milliseconds of which it is to spend where it goes. */
export function expiryHeaders(expiry: Expiry | undefined, wait: number): Record<string, unknown> {
  if (expiry === undefined) return {};
  return {
    [movedHeaders.expiration]: expiry.expiration,
    [movedHeaders.left]: Math.max(0, leftOf(expiry) - wait),
    [movedHeaders.clock]: `${clock} ${Math.ceil(expiry.at)}`,
  };
}

/** Whole milliseconds until a message is over, at least one. */
export function leftOf({ at }: Expiry): number {
  return Math.max(1, Math.ceil(at - performance.now()));
}

function byOwnClock(reading: unknown): number {
  if (typeof reading !== "string" || !reading.startsWith(`${clock} `)) return Infinity;
  return Number(reading.slice(clock.length)) || Infinity;
}
