import type { Delivery } from "../../core/ports/amqp.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import type { Ended, Ending } from "../delivery/ending.ts";
import { mayStillRun } from "../delivery/hold_limit.ts";
import { keyOf, type Run } from "../delivery/run.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";
import type { Handle, Stage } from "./stage.ts";

/** Messages that run here now, in every version of a function. */
export class InFlight {
  readonly #runs = new Map<string, Run>();

  /** Whether this delivery's message, which the broker has delivered before, runs here already. */
  has(delivery: Delivery, queue: string): boolean {
    const key = delivery.redelivered ? keyOf(delivery, queue) : undefined;
    return key !== undefined && this.other(key, delivery.body) !== undefined;
  }

  /** The run of the same message that is under way; a sender may give different messages one id. */
  other(key: string, body: Uint8Array): Run | undefined {
    const other = this.#runs.get(key);
    return other && isSameBody(other.message.body, body) ? other : undefined;
  }

  /** Notes a run until its delivery has been settled, unless another with that id is under way. */
  add(key: string, run: Run): void {
    if (this.#runs.has(key)) return;
    this.#runs.set(key, run);
    run.onEnded(() => this.#runs.delete(key));
  }
}

/** What it takes to know which messages run here. */
export interface InFlightParts {
  readonly inFlight: InFlight;
  readonly settings: Resolved;
  /** Whether each delivery has a caller of its own, who waits for a reply. */
  readonly isRpc: boolean;
  /** Aborted when the runtime will wait no longer. */
  readonly stop: AbortSignal;
}

/**
 * Runs a message once at a time: a second delivery of one, as after a link that was lost and is back, waits for the
 * first one's end, which holds for it too. A message without an id is the same as no other.
 */
export function onceAtATime({ inFlight, settings, isRpc, stop }: InFlightParts): Stage {
  return (next: Handle) => {
    const begin = (run: Run, key: string): MaybePromise<Ending> => {
      const other = inFlight.other(key, run.message.body);
      if (other) return after(other, run, key);
      // It waited for another in no slot: it comes once more, and takes its turn.
      if (!run.inSlot) return { kind: "requeue" };
      inFlight.add(key, run);
      return next(run);
    };
    const after = async (other: Run, run: Run, key: string): Promise<Ending> => {
      const ended = new Promise<Ended>((resolve) => other.onEnded(resolve));
      if (!await mayStillRun(run, ended, settings)) return { kind: "abandoned" };
      const { ending, attempt, settled } = await ended;
      // It came to no end, as when its process ended after its channel had: this delivery is the message now.
      if (ending.kind === "abandoned" && !stop.aborted) return await begin(run, key);
      // Not the same run, but the next: it can come back before the move that sent it is known to be confirmed.
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

/** Whether two deliveries with one id bear the same message. */
export function isSameBody(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
