import type { Delivery } from "../../core/ports/amqp.ts";
import type { Ended, Ending } from "../delivery/ending.ts";
import { mayStillRun } from "../delivery/hold_limit.ts";
import { keyOf, type Run } from "../delivery/run.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";
import type { Handle, Stage } from "./stage.ts";

/** The messages that run here now, in all versions of a function. */
export class InFlight {
  /** The place of each key's run. The runs are not in the map itself, which would keep them long after their end. */
  readonly #places = new Map<string, number>();
  readonly #runs: (Run | undefined)[] = [];
  readonly #free: number[] = [];

  /** Whether a redelivered message runs here already. */
  has(delivery: Delivery, queue: string): boolean {
    const key = delivery.redelivered ? keyOf(delivery, queue) : undefined;
    return key !== undefined && this.other(key, delivery.body) !== undefined;
  }

  /** The current run of the same message. The bodies are compared too, because senders may use an id twice. */
  other(key: string, body: Uint8Array): Run | undefined {
    const place = this.#places.get(key);
    const other = place === undefined ? undefined : this.#runs[place];
    return other && isSameBody(other.message.body, body) ? other : undefined;
  }

  /** Remembers a run until it is settled, unless there is another one with the same id. */
  add(key: string, run: Run): void {
    if (this.#places.has(key)) return;
    const place = this.#free.pop() ?? this.#runs.length;
    this.#places.set(key, place);
    this.#runs[place] = run;
    run.onEnded(() => {
      this.#places.delete(key);
      this.#runs[place] = undefined;
      this.#free.push(place);
    });
  }
}

/** What is needed to run each message once at a time. */
export interface InFlightParts {
  readonly inFlight: InFlight;
  /** Whether each delivery has its own caller, who waits for a reply. */
  readonly isRpc: boolean;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
}

/**
 * Runs a message once at a time. If it is delivered again while it runs (after a lost connection), the second delivery
 * waits for the first, and ends in the same way. A message without an id is never the same as another.
 */
export function onceAtATime({ inFlight, isRpc, stop }: InFlightParts): Stage {
  return (next: Handle) => {
    const begin = (run: Run, key: string): MaybePromise<Ending> => {
      const other = inFlight.other(key, run.message.body);
      if (other) return after(other, run, key);
      // It waited without a slot, so it may not run now: it is delivered again, and then waits for a slot.
      if (!run.inSlot) return { kind: "requeue" };
      inFlight.add(key, run);
      return next(run);
    };
    const after = async (other: Run, run: Run, key: string): Promise<Ending> => {
      const ended = new Promise<Ended>((resolve) => other.onEnded(resolve));
      if (!await mayStillRun(run, ended)) return { kind: "abandoned" };
      const { ending, attempt, settled } = await ended;
      // The first run was abandoned (its process ended after its channel was lost), so this delivery is run.
      if (ending.kind === "abandoned" && !stop.aborted) return await begin(run, key);
      // This is not the same run but the next one: a retry can come back before its move is known to be confirmed.
      if (run.attempt > attempt) return await begin(run, key);
      if (settled && !isRpc) return { kind: "duplicate" };
      const further = inFlight.other(key, run.message.body);
      if (further) return await after(further, run, key);
      inFlight.add(key, run);
      return { kind: "same", ending };
    };
    return (run) => run.key === undefined ? next(run) : begin(run, run.key);
  };
}

/** Whether two deliveries with the same id have the same body. */
export function isSameBody(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
