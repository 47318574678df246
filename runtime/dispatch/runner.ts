import type { Caller } from "../core/context.ts";
import { describeError, Reject } from "../core/errors.ts";
import type { Host } from "../core/host.ts";
import type { Delivery } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import type { Outcome } from "../core/outcome.ts";
import { createContext } from "./context.ts";
import { decide } from "./decide.ts";
import { asRpcError, invoke } from "./invoke.ts";
import { checkOutput, readInput } from "./read.ts";
import { Run } from "./run.ts";
import { settle, type SettleParts } from "./settle.ts";

/** What running a function's messages takes. */
export interface RunnerParts extends SettleParts {
  readonly host: Host;
  readonly caller: Caller;
}

/** Takes one function's deliveries through decode, handler and settlement. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #givenUp = new Set<Promise<void>>();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Decodes, runs and settles one delivery. Never rejects. */
  async run(delivery: Delivery): Promise<void> {
    const { declared } = this.#parts;
    const run = new Run(delivery, declared.settings);
    const outcome = await this.#outcome(run).catch((error): Outcome => ({ kind: "failed", error }));
    const { ms } = run;
    const failed = outcome.kind === "failed" || outcome.kind === "rejected";
    if (failed) this.#report(outcome, run, ms);
    await settle(decide(outcome, declared), run, this.#parts);
    if (!failed) this.#report(outcome, run, ms);
  }

  /** Resolves when what handlers gave up with `nack` has been moved. */
  async moved(): Promise<void> {
    await Promise.all(this.#givenUp);
  }

  async #outcome(run: Run): Promise<Outcome> {
    const { declared, host, stop } = this.#parts;
    const { settings, trigger } = declared;
    const isRpc = trigger.kind === "rpc";
    const ms = isRpc ? Math.min(settings.timeout, callerWaits(run.message)) : settings.timeout;
    if (ms <= 0) return { kind: "expired" };
    const read = await readInput(run.message, settings, isRpc);
    if (!read.ok) return { kind: "rejected", error: read.error };
    const outcome = await invoke(host, read.input, (signal) => this.#context(run, signal), { ms, stop });
    if (outcome.kind === "failed" && isRpc) return { kind: "failed", error: asRpcError(outcome.error) };
    if (outcome.kind !== "returned") return outcome;
    const output = await checkOutput(outcome.output, settings.output);
    await this.#publishOutput(output);
    return { kind: "returned", output };
  }

  async #publishOutput(output: unknown): Promise<void> {
    const { caller, declared: { settings: { publish, durable } } } = this.#parts;
    if (publish === undefined || output === undefined) return;
    if ("queue" in publish) await caller.send(publish.queue, output, { persistent: durable });
    else await caller.publish(publish.exchange, publish.routingKey, output, { persistent: durable });
  }

  #context(run: Run, signal: AbortSignal) {
    const { declared: { name, settings }, caller, emit } = this.#parts;
    const { message, attempt, delivery } = run;
    // Elsewhere the outcome settles: an rpc settled before its reply would leave its caller waiting.
    const isManual = settings.ack === "manual";
    const settleOnce = (act: () => void) => {
      if (isManual && run.claim()) act();
    };
    return createContext({
      name,
      message,
      attempt,
      signal,
      caller,
      emit,
      ack: () => settleOnce(() => delivery.ack()),
      nack: ({ requeue = true } = {}) => {
        if (requeue) settleOnce(() => delivery.requeue());
        else if (isManual) this.#giveUp(run);
      },
    });
  }

  #giveUp(run: Run): void {
    const { declared } = this.#parts;
    const error = new Reject("The handler gave the message up with nack({ requeue: false })");
    const moved = settle(decide({ kind: "rejected", error }, declared), run, this.#parts);
    this.#givenUp.add(moved);
    moved.finally(() => this.#givenUp.delete(moved));
  }

  #report(outcome: Outcome, { message, attempt }: Run, ms: number): void {
    const { declared, emit } = this.#parts;
    const about = { function: declared.name, messageId: message.id, attempt, ms };
    if (outcome.kind === "returned") emit({ event: "handled", ...about });
    if (outcome.kind === "expired") emit({ event: "expired", ...about });
    if (outcome.kind === "rejected" || outcome.kind === "failed") {
      const stack = outcome.error instanceof Error ? outcome.error.stack : undefined;
      emit({ event: "failed", ...about, error: describeError(outcome.error), stack });
    }
  }
}

/** How long a request's caller will wait from now, as it said itself; for ever if it did not. */
function callerWaits({ headers }: Message): number {
  const deadline = headers["x-hopper-deadline"];
  return typeof deadline === "number" ? deadline - Date.now() : Infinity;
}
