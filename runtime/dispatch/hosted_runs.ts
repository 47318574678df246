import type { Encoded } from "../core/codec.ts";
import type { Caller } from "../core/context.ts";
import type { Declared } from "../core/declared.ts";
import type { Host } from "../core/host.ts";
import type { Outcome } from "../core/outcome.ts";
import { unreadableHeaders } from "./message.ts";
import { aloneInTime, mostWaitMs } from "./patience.ts";
import { asRpcError } from "./rpc_error.ts";
import type { Run } from "./run.ts";
import type { Solitude } from "./solitude.ts";
import { andThen, type Soon } from "./soon.ts";

/** What running messages in a host takes. */
export interface HostedParts {
  readonly declared: Declared;
  readonly host: Host;
  readonly caller: Caller;
  /** Aborted when the runtime will wait no longer. */
  readonly stop: AbortSignal;
}

/** Runs messages in a function's host, each until a run of it counts. */
export class HostedRuns {
  readonly #parts: HostedParts;
  readonly #solitude: Solitude;

  /** Every run stands in `solitude` while it is under way. */
  constructor(parts: HostedParts, solitude: Solitude) {
    this.#parts = parts;
    this.#solitude = solitude;
  }

  /** Runs a message, and publishes what it returned where the function's settings want that. Never rejects. */
  run(run: Run): Soon<Outcome> {
    const failed = (error: unknown): Outcome => ({ kind: "failed", error });
    try {
      const outcome = this.#begin(run);
      return outcome instanceof Promise ? outcome.catch(failed) : outcome;
    } catch (error) {
      return failed(error);
    }
  }

  #begin(run: Run): Soon<Outcome> {
    const { declared: { trigger }, host, stop } = this.#parts;
    if (run.expired) return { kind: "expired" };
    if (stop.aborted) return { kind: "abandoned" };
    const unreadable = unreadableHeaders(run.headers, trigger.kind === "rpc");
    if (unreadable) return { kind: "rejected", error: unreadable };
    return andThen(
      host.run(run),
      (outcome) =>
        counts(outcome)
          ? this.#passOn(outcome)
          : this.#again(run, outcome).then((last) => this.#passOn(last)),
    );
  }

  /** Hands an rpc's error over as its caller gets it, and an output to where the function publishes it. */
  #passOn(outcome: Outcome): Soon<Outcome> {
    const { trigger, settings } = this.#parts.declared;
    if ("error" in outcome && trigger.kind === "rpc") {
      return { kind: "failed", error: asRpcError(outcome.error) };
    }
    if (outcome.kind !== "returned" || !settings.publish) return outcome;
    return this.#publish(outcome.output).then(() => outcome);
  }

  /** Runs a message again whose process ended under it, until it is known to be its own doing, or not. */
  async #again(run: Run, outcome: Outcome): Promise<Outcome> {
    while (outcome.kind === "interrupted" && this.#isOurs(run)) outcome = await this.#parts.host.run(run);
    if (counts(outcome)) return outcome;
    if (!this.#isOurs(run)) return { kind: "abandoned" };
    // One that has ended a process before is alone already.
    return run.crashes > 0 ? await this.#runSuspected(run) : await this.#runAlone(run);
  }

  async #runAlone(run: Run): Promise<Outcome> {
    this.#solitude.leave();
    try {
      const { settings } = this.#parts.declared;
      const outcome = await aloneInTime(this.#solitude, run, settings, () => this.#runSuspected(run));
      return outcome ?? { kind: "abandoned" };
    } finally {
      this.#solitude.enter();
    }
  }

  async #runSuspected(run: Run): Promise<Outcome> {
    let outcome: Outcome = { kind: "interrupted" };
    while (!counts(outcome) && this.#isOurs(run)) outcome = await this.#parts.host.run(run);
    // It has ended two processes, beside others and alone.
    if (outcome.kind === "failed" && outcome.crashed) run.countStart();
    return counts(outcome) ? outcome : { kind: "abandoned" };
  }

  /**
   * Whether the message is here still, and may be run once more: one that would be here too long goes back to its
   * queue. Without acknowledgements there is no other to run it.
   */
  #isOurs(run: Run): boolean {
    const { declared: { settings }, stop } = this.#parts;
    if (stop.aborted) return false;
    if (settings.ack === "none") return true;
    if (performance.now() > run.arrivedAt + mostWaitMs(settings)) run.giveBack();
    return run.here;
  }

  async #publish(output: Encoded | undefined): Promise<void> {
    const { caller, declared: { settings: { publish, durable } } } = this.#parts;
    if (publish === undefined || output === undefined) return;
    const { body, contentType } = output;
    const options = { contentType, persistent: durable };
    if ("queue" in publish) await caller.send(publish.queue, body, options);
    else await caller.publish(publish.exchange, publish.routingKey, body, options);
  }
}

/** Whether the run came to an end of its own. */
function counts({ kind }: Outcome): boolean {
  return kind !== "interrupted" && kind !== "suspect";
}
