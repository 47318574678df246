import type { Availability } from "./availability.ts";
import type { Consumer } from "./consume/consumer.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Suspects } from "./poison/consumer.ts";
import type { Ticker } from "./schedule/ticker.ts";
import type { InFlight } from "./stages/in_flight.ts";

/** A function that is being served. */
export interface Served {
  readonly name: string;
  readonly consumer: Consumer;
  /** Sends its messages on to its shards, which `consumer` consumes, if it has some. */
  readonly router: Consumer | undefined;
  /** Reads the stream of a function that has one; its `consumer` has what comes back. */
  readonly reader: Consumer | undefined;
  /** Resolves when each of these consumers is attached for the first time, refused, or stands by. */
  readonly tried: Promise<unknown>;
  /** Runs the messages that were in flight in a crash, one at a time. */
  readonly suspects: Suspects;
  /** Whether its messages can be run. */
  readonly availability: Availability;
  readonly deliveries: Deliveries;
  /** Sends its ticks, if it is a schedule. */
  readonly ticker: Ticker | undefined;
  /** The messages that it runs now. */
  readonly inFlight: InFlight;
  /** Attaches no further consumer, and no longer tries to start what does not start. Its consumers must be drained next. */
  stop(): void;
  /** Closes the store of handled ids. */
  close(): Promise<void>;
}

/** How many messages were finished, and how many were given back to their queues. */
export interface Summary {
  readonly finished: number;
  readonly putBack: number;
}

/** How many runs are in progress in all functions. */
export function inFlight(served: readonly Served[]): number {
  return consumersOf(served).reduce((sum, { running }) => sum + running, 0);
}

/** Every consumer, also those of suspects. */
export function consumersOf(served: readonly Served[]): Consumer[] {
  return served.flatMap(({ consumer, router, reader, suspects }) => [
    consumer,
    ...router ? [router] : [],
    ...reader ? [reader] : [],
    ...suspects.consumers,
  ]);
}

/**
 * Takes no more messages, and lets the current runs finish and settle. After `ms` milliseconds `giveUp` is aborted; the
 * broker then delivers the rest again.
 */
export async function drain(
  served: readonly Served[],
  ms: number,
  giveUp: AbortController,
): Promise<Summary> {
  const reason = new Error("The runtime stops");
  let abandoned = 0;
  const timer = setTimeout(() => {
    abandoned = inFlight(served);
    giveUp.abort(reason);
  }, ms);
  for (const one of served) one.stop();
  const ticking = Promise.all(served.map(({ ticker }) => ticker?.stop()));
  const drained = await Promise.all(consumersOf(served).map((consumer) => consumer.drain()));
  await Promise.all(served.map(({ deliveries }) => deliveries.ended()));
  await ticking;
  clearTimeout(timer);
  giveUp.abort(reason);
  return {
    finished: drained.reduce((sum, { finished }) => sum + finished, 0) - abandoned,
    putBack: drained.reduce((sum, { putBack }) => sum + putBack, 0) + abandoned,
  };
}
