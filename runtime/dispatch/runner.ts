import type { Caller } from "../core/context.ts";
import { describeError, Reject } from "../core/errors.ts";
import type { Host } from "../core/host.ts";
import type { Delivery } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import type { Outcome } from "../core/outcome.ts";
import { type ContextParts, RunContext } from "./context.ts";
import { Deadlines } from "./deadlines.ts";
import { decide } from "./decide.ts";
import { asRpcError, invoke } from "./invoke.ts";
import { checkOutput, readInput } from "./read.ts";
import { idSource, readDelivery } from "./message.ts";
import { Run } from "./run.ts";
import { RunSignal } from "./run_signal.ts";
import { settle, type SettleParts } from "./settle.ts";

/** What running a function's messages takes. */
export interface RunnerParts extends SettleParts {
  readonly host: Host;
  readonly caller: Caller;
}

/** Takes one function's deliveries through decode, handler and settlement. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #contextParts: ContextParts;
  readonly #deadlines: Deadlines;
  readonly #nextId = idSource();
  readonly #givenUp = new Set<Promise<void>>();

  constructor(parts: RunnerParts) {
    const { declared: { name, settings: { timeout } }, caller, emit, stop } = parts;
    this.#parts = parts;
    this.#deadlines = new Deadlines(timeout);
    this.#contextParts = { name, caller, emit, settle: (run, wish) => this.#settleByWish(run, wish) };
    stop.addEventListener("abort", () => this.#deadlines.giveUp(stop.reason), {
      once: true,
    });
  }

  /** Decodes, runs and settles one delivery. Never rejects. */
  async run(delivery: Delivery, queue: string): Promise<void> {
    const { declared } = this.#parts;
    const arrived = readDelivery(delivery, queue, declared.settings.queueType, this.#nextId);
    const run = new Run(delivery, queue, arrived);
    let outcome: Outcome;
    try {
      outcome = await this.#outcome(run);
    } catch (error) {
      outcome = { kind: "failed", error };
    }
    const { ms } = run;
    const failed = "error" in outcome;
    if (failed) this.#report(outcome, run, ms);
    const settling = settle(decide(outcome, declared, run.attempt), run, this.#parts);
    if (settling) await settling;
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
    const callerMs = isRpc ? callerWaits(run.message) : Infinity;
    if (callerMs <= 0) return { kind: "expired" };
    const reading = readInput(run.message, settings, isRpc);
    const read = reading instanceof Promise ? await reading : reading;
    if (!read.ok) return { kind: "rejected", error: read.error };
    if (stop.aborted) return { kind: "abandoned" };
    const signal = new RunSignal();
    const context = new RunContext(this.#contextParts, run, signal);
    const invoked = invoke(host, read.input, context, signal, {
      ms: settings.timeout,
      callerMs,
      deadlines: this.#deadlines,
    });
    const outcome = invoked instanceof Promise ? await invoked : invoked;
    if ("error" in outcome && isRpc) return { kind: "failed", error: asRpcError(outcome.error) };
    if (outcome.kind !== "returned" || !(settings.output || settings.publish)) return outcome;
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

  #settleByWish(run: Run, wish: "ack" | "requeue" | "dead-letter"): void {
    if (wish === "dead-letter") return this.#giveUp(run);
    if (!run.claim()) return;
    if (wish === "ack") run.delivery.ack();
    else run.delivery.requeue();
  }

  #giveUp(run: Run): void {
    const { declared } = this.#parts;
    const error = new Reject("The handler gave the message up with nack({ requeue: false })");
    const moved = Promise.resolve(
      settle(decide({ kind: "rejected", error }, declared, run.attempt), run, this.#parts),
    );
    this.#givenUp.add(moved);
    moved.finally(() => this.#givenUp.delete(moved));
  }

  #report(outcome: Outcome, { message, attempt }: Run, ms: number): void {
    const { declared, emit } = this.#parts;
    const about = { function: declared.name, messageId: message.id, attempt, ms };
    if (outcome.kind === "returned") emit({ event: "handled", ...about });
    if (outcome.kind === "expired") emit({ event: "expired", ...about });
    if ("error" in outcome) {
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
