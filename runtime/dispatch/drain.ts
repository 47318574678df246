import type { Consumer } from "./consume/consumer.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Suspects } from "./poison/consumer.ts";
import type { InFlight } from "./stages/in_flight.ts";

/** A function while it is served. */
export interface Served {
  readonly name: string;
  readonly consumer: Consumer;
  /** Takes what was in flight in a crash, one message at a time. */
  readonly suspects: Suspects;
  readonly deliveries: Deliveries;
  /** What it runs now. */
  readonly inFlight: InFlight;
  /** Lets go of what the function remembers. */
  close(): void;
}

/** What became of the messages that were here. */
export interface Summary {
  readonly finished: number;
  readonly putBack: number;
}

/** Runs under way in all of them. */
export function inFlight(served: readonly Served[]): number {
  return consumersOf(served).reduce((sum, { running }) => sum + running, 0);
}

/** Every consumer there is, those of suspects too. */
export function consumersOf(served: readonly Served[]): Consumer[] {
  return served.flatMap(({ consumer, suspects }) => [consumer, ...suspects.consumers]);
}

/**
 * Takes no more messages and lets the runs under way finish and settle; after `ms` milliseconds `giveUp` is
 * aborted, which leaves the rest to the broker.
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
  for (const { suspects } of served) suspects.stop();
  const drained = await Promise.all(consumersOf(served).map((consumer) => consumer.drain()));
  await Promise.all(served.map(({ deliveries }) => deliveries.ended()));
  clearTimeout(timer);
  giveUp.abort(reason);
  return {
    finished: drained.reduce((sum, { finished }) => sum + finished, 0) - abandoned,
    putBack: drained.reduce((sum, { putBack }) => sum + putBack, 0) + abandoned,
  };
}
