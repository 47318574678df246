import type { Caller } from "../core/context.ts";
import { describeError, Reject } from "../core/errors.ts";
import type { Encoded } from "../core/codec.ts";
import type { Host, Wish } from "../core/host.ts";
import type { Delivery } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import type { Outcome } from "../core/outcome.ts";
import { decide } from "./decide.ts";
import { mostWaitMs, waitHere } from "./patience.ts";
import { asRpcError } from "./rpc_error.ts";
import type { Pausing } from "./pausing.ts";
import { suspectLetter } from "./move.ts";
import { countsDeliveries, isolates, mostCrashes, notedCrashes } from "./quarantine.ts";
import { idSource, type Origin, readDelivery } from "./message.ts";
import { Recent } from "./recent.ts";
import { Run, type RunServices } from "./run.ts";
import type { SeenIds } from "./seen.ts";
import { moveTo, settle, type SettleParts } from "./settle.ts";
import { Solitude } from "./solitude.ts";
import { andThen, type Soon } from "./soon.ts";
import { Suspicion } from "./suspicion.ts";
import { sameBody, type Twin, type TwinEnd, Twins } from "./twins.ts";

/** What running a function's messages takes. */
export interface RunnerParts extends SettleParts {
  readonly host: Host;
  readonly caller: Caller;
  readonly pausing: Pausing;
  /** What runs here now, in the version before this one too. */
  readonly twins: Twins;
  /** Called when a message has been moved to the queue of suspects. */
  readonly onSuspect: () => void;
  /** Ids of messages that were handled, where the function's `dedupe` setting wants them remembered. */
  readonly seen: SeenIds | undefined;
}

/** A message whose process ended each time it was run. */
export class Poison extends Reject {
  /** `crashes` is how many processes ended. */
  constructor(crashes: number) {
    super(`${crashes} processes ended while they ran this message`);
  }
}

function keyOf({ properties: { messageId } }: Delivery, queue: string): string | undefined {
  // An empty id names nothing.
  return !messageId ? undefined : `${queue}\n${messageId}`;
}

// Messages that this process has had; one that comes again, and is older than so many, is run alone for once.
const mostReceived = 10_000;

/** Takes one function's deliveries through decode, handler and settlement. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #services: RunServices;
  readonly #nextId = idSource();
  readonly #twins: Twins;
  readonly #received = new Recent(mostReceived);
  readonly #solitude = new Solitude();
  readonly #suspicion: Suspicion;
  /** Settlements that no run waits for. */
  readonly #pending = new Set<Promise<unknown>>();

  constructor(parts: RunnerParts) {
    const { declared: { name, settings: { prefetch } }, caller, emit, host, stop } = parts;
    this.#parts = parts;
    this.#twins = parts.twins;
    this.#suspicion = new Suspicion(prefetch);
    this.#services = {
      caller,
      log: ({ message: { id: messageId } }, level, message, data) =>
        emit({ event: "log", level, function: name, messageId, message, data }),
      settle: (run, wish) => this.#settleByWish(run, wish),
    };
    stop.addEventListener("abort", () => host.giveUp(stop.reason), { once: true });
  }

  /**
   * Keeps a delivery whose message runs here already, as after a link that was lost and is back, and says whether it
   * did. It is settled with that run's outcome.
   */
  hold(delivery: Delivery, queue: string, suspect = false): boolean {
    const key = delivery.redelivered ? keyOf(delivery, queue) : undefined;
    if (key === undefined) return false;
    const twin = this.#twins.running(key);
    if (twin === undefined || !sameBody(twin.body, delivery.body)) return false;
    const origin = { queue, suspect, countsDeliveries: false };
    const run = this.#read(delivery, origin);
    // The next attempt is no twin: it comes once more, and then takes its place in the lane.
    const follow = (end: TwinEnd) =>
      run.attempt > end.attempt ? delivery.requeue() : this.#follow(end, run, key);
    this.#settleLater(this.#afterTwin(twin, run, follow));
    return true;
  }

  /** Gives a delivery back to its queue unrun: when it comes again, it comes from no crash. */
  giveBack(delivery: Delivery, queue: string): void {
    const key = keyOf(delivery, queue);
    if (key !== undefined) this.#received.add(key);
    delivery.requeue();
  }

  /** The consumer is no longer attached: what it had goes back to its queue and says nothing of a crash. */
  detached(): void {
    this.#suspicion.clear();
  }

  /** Decodes, runs and settles one delivery. Never rejects. */
  run(delivery: Delivery, queue: string, arrivedAt?: number): Soon<void> {
    const { settings } = this.#parts.declared;
    const key = keyOf(delivery, queue);
    const known = key !== undefined && this.#received.has(key);
    const isolated = isolates(settings);
    const origin = { queue, suspect: false, countsDeliveries: countsDeliveries(settings) };
    const run = this.#read(delivery, origin, arrivedAt);
    if (isolated && !known && this.#suspicion.of(delivery)) return this.#isolate(run, 1);
    if (key !== undefined) this.#received.add(key);
    if (run.crashes > 0) return this.#alone(run, () => this.#runUnlessTwin(run, key), undefined);
    return this.#solitude.closed ? this.#runLater(run, key) : this.#runBeside(run, key);
  }

  async #runLater(run: Run, key: string | undefined): Promise<void> {
    while (this.#solitude.closed) {
      if (!await this.#mayStillRun(run, this.#solitude.closed)) return;
    }
    await this.#runBeside(run, key);
  }

  /** Waits before a run; says whether its message is still here then. */
  async #mayStillRun({ delivery, arrivedAt }: Run, what: Promise<unknown>): Promise<boolean> {
    const { settings } = this.#parts.declared;
    if (settings.ack !== "none") return await waitHere(delivery, what, arrivedAt + mostWaitMs(settings));
    await what;
    return true;
  }

  #runBeside(run: Run, key: string | undefined): Soon<void> {
    this.#solitude.enter();
    return andThen(this.#runUnlessTwin(run, key), () => this.#solitude.leave());
  }

  /** The same for a delivery from the queue of suspects, whose message belongs to `queue`: it runs alone. */
  async runSuspect(delivery: Delivery, queue: string): Promise<void> {
    const { settings } = this.#parts.declared;
    const key = keyOf(delivery, queue);
    const known = key !== undefined && this.#received.has(key);
    const run = this.#read(delivery, { queue, suspect: true, countsDeliveries: false });
    if (key !== undefined) this.#received.add(key);
    if (!delivery.redelivered || known) {
      return await this.#alone(run, () => this.#runUnlessTwin(run, key), undefined);
    }
    const crashes = notedCrashes(delivery) + 1;
    if (crashes < mostCrashes(settings)) return await this.#isolate(run, crashes);
    const error = new Poison(crashes);
    this.#report({ kind: "rejected", error }, run, 0);
    await settle(decide({ kind: "rejected", error }, this.#parts.declared, run.attempt), run, this.#parts);
  }

  #read(delivery: Delivery, origin: Origin, arrivedAt?: number): Run {
    const arrived = readDelivery(delivery, origin, this.#nextId);
    const isRpc = this.#parts.declared.trigger.kind === "rpc";
    const until = isRpc ? performance.now() + callerWaits(arrived.message) : Infinity;
    return new Run(delivery, origin.queue, arrived, this.#services, until, arrivedAt);
  }

  /** Does work for a message with nothing beside it, unless it would have to wait too long for that. */
  async #alone<Result>(run: Run, work: () => Soon<Result>, otherwise: Result): Promise<Result> {
    const { promise: alone, resolve } = Promise.withResolvers<void>();
    const mayStillRun = this.#mayStillRun(run, alone);
    return await this.#solitude.alone(async () => {
      resolve();
      return await mayStillRun ? await work() : otherwise;
    });
  }

  /** Moves a message to the queue of suspects, where the processes it ended are counted. */
  async #isolate(run: Run, crashes: number): Promise<void> {
    const { helpers, onSuspect } = this.#parts;
    const to = helpers.suspects(run.queue);
    const letter = suspectLetter(run.delivery, run.message, to.name, crashes, run.attempt - 1);
    if (run.claim() && await moveTo(to, letter, run, this.#parts)) onSuspect();
  }

  #runUnlessTwin(run: Run, key: string | undefined): Soon<void> {
    const { declared: { settings }, seen } = this.#parts;
    // Without an id nobody can say whether two deliveries are one message; by hand its handler decides.
    if (key === undefined || settings.ack !== "auto") return andThen(this.#runOnce(run), () => {});
    if (seen?.has(key)) return this.#skip(run);
    const earlier = this.#twins.running(key);
    if (earlier && !sameBody(earlier.body, run.message.body)) return this.#runUnlessTwin(run, undefined);
    if (earlier) return this.#afterTwin(earlier, run, (end) => this.#follow(end, run, key));
    const running = this.#runOnce(run);
    // One that has ended already had no time for a twin.
    const end = running instanceof Promise ? this.#twins.start(key, run.message.body) : undefined;
    return andThen(running, (ended) => {
      if (ended.outcome.kind === "returned") seen?.add(key);
      end?.(ended);
    });
  }

  /** Waits for the end of a run of the same message, and then goes on, if this delivery is here still. */
  async #afterTwin(twin: Twin, run: Run, follow: (end: TwinEnd) => Soon<void>): Promise<void> {
    if (await this.#mayStillRun(run, twin.end)) await follow(await twin.end);
  }

  /** What became of the run of the same message holds for this delivery too. */
  async #follow({ outcome, attempt, settled }: TwinEnd, run: Run, key: string): Promise<void> {
    const { declared } = this.#parts;
    // No twin, but the next attempt: it can come back before the move that sent it is known to be confirmed.
    if (run.attempt > attempt) return await this.#runUnlessTwin(run, key);
    if (settled && declared.trigger.kind !== "rpc") return this.#skip(run);
    const next = this.#twins.running(key);
    if (next) return await this.#afterTwin(next, run, (end) => this.#follow(end, run, key));
    const end = this.#twins.start(key, run.message.body);
    const passedOn = await settle(decide(outcome, declared, run.attempt), run, this.#parts);
    end({ outcome, attempt, settled: passedOn });
  }

  #runOnce(run: Run): Soon<TwinEnd> {
    return andThen(this.#outcome(run), (outcome) => this.#conclude(run, outcome));
  }

  #conclude(run: Run, outcome: Outcome): Soon<TwinEnd> {
    const { ms, attempt } = run;
    const failed = "error" in outcome;
    if (failed) this.#report(outcome, run, ms);
    this.#countForPause(outcome);
    return andThen(settle(decide(outcome, this.#parts.declared, attempt), run, this.#parts), (settled) => {
      if (!failed) this.#report(outcome, run, ms);
      return { outcome, attempt, settled };
    });
  }

  #skip(run: Run): void {
    const { declared, emit } = this.#parts;
    if (run.claim()) run.delivery.ack();
    emit({ event: "duplicate", function: declared.name, messageId: run.message.id });
  }

  // A message that can never be handled says nothing of what the function depends on.
  #countForPause({ kind }: Outcome): void {
    if (kind === "failed" || kind === "retry") this.#parts.pausing.record(true);
    if (kind === "returned") this.#parts.pausing.record(false);
    if (kind === "unavailable") this.#parts.pausing.trip();
  }

  /** Resolves when what handlers gave up with `nack`, and what waited for a twin's end, has been settled. */
  async moved(): Promise<void> {
    await Promise.all(this.#pending);
  }

  #settleLater(settling: Promise<unknown>): void {
    this.#pending.add(settling);
    settling.finally(() => this.#pending.delete(settling));
  }

  #outcome(run: Run): Soon<Outcome> {
    const failed = (error: unknown): Outcome => ({ kind: "failed", error });
    try {
      const outcome = this.#runHandler(run);
      return outcome instanceof Promise ? outcome.catch(failed) : outcome;
    } catch (error) {
      return failed(error);
    }
  }

  #runHandler(run: Run): Soon<Outcome> {
    const { host, stop } = this.#parts;
    if (run.callerUntil !== Infinity && run.callerUntil <= performance.now()) return { kind: "expired" };
    if (stop.aborted) return { kind: "abandoned" };
    return andThen(
      host.run(run),
      (outcome) =>
        outcome.kind === "interrupted" || outcome.kind === "suspect"
          ? this.#again(run, outcome).then((outcome) => this.#passOn(outcome))
          : this.#passOn(outcome),
    );
  }

  /** Hands an rpc's error over as its caller gets it, and an output to where the function publishes it. */
  #passOn(outcome: Outcome): Soon<Outcome> {
    const { trigger, settings } = this.#parts.declared;
    if ("error" in outcome && trigger.kind === "rpc") {
      return { kind: "failed", error: asRpcError(outcome.error) };
    }
    if (outcome.kind !== "returned" || !settings.publish) return outcome;
    return this.#publishOutput(outcome.output).then(() => outcome);
  }

  /** Runs a message again whose process ended under it, until it is known to be its own doing, or not. */
  async #again(run: Run, outcome: Outcome): Promise<Outcome> {
    const { declared: { settings }, host, stop } = this.#parts;
    // Without acknowledgements there is no other to run it.
    const isOurs = () => !stop.aborted && (settings.ack === "none" || run.delivery.open);
    while (outcome.kind === "interrupted" && isOurs()) outcome = await host.run(run);
    if (!isOurs()) return { kind: "abandoned" };
    if (outcome.kind !== "suspect") return outcome;
    this.#solitude.leave();
    try {
      return await this.#alone<Outcome>(run, () => this.#runSuspected(run, isOurs), { kind: "abandoned" });
    } finally {
      this.#solitude.enter();
    }
  }

  async #runSuspected(run: Run, isOurs: () => boolean): Promise<Outcome> {
    let outcome: Outcome = { kind: "interrupted" };
    while (outcome.kind === "interrupted" && isOurs()) outcome = await this.#parts.host.run(run);
    // It has ended two processes, beside others and alone.
    if (outcome.kind === "failed" && outcome.crashed) run.countStart();
    return isOurs() ? outcome : { kind: "abandoned" };
  }

  async #publishOutput(output: Encoded | undefined): Promise<void> {
    const { caller, declared: { settings: { publish, durable } } } = this.#parts;
    if (publish === undefined || output === undefined) return;
    const { body, contentType } = output;
    const options = { contentType, persistent: durable };
    if ("queue" in publish) await caller.send(publish.queue, body, options);
    else await caller.publish(publish.exchange, publish.routingKey, body, options);
  }

  #settleByWish(run: Run, wish: Wish): void {
    const { settings } = this.#parts.declared;
    // Elsewhere the outcome settles: an rpc settled before its reply would leave its caller waiting.
    if (settings.ack !== "manual") return;
    if (wish === "dead-letter") return this.#giveUp(run);
    if (!run.claim()) return;
    if (wish === "ack") run.delivery.ack();
    else run.delivery.requeue();
  }

  #giveUp(run: Run): void {
    const { declared } = this.#parts;
    const error = new Reject("The handler gave the message up with nack({ requeue: false })");
    this.#settleLater(
      Promise.resolve(settle(decide({ kind: "rejected", error }, declared, run.attempt), run, this.#parts)),
    );
  }

  #report(outcome: Outcome, { message, attempt }: Run, ms: number): void {
    const { declared: { name }, emit } = this.#parts;
    const { kind } = outcome;
    if (kind === "returned" || kind === "expired") {
      const event = kind === "returned" ? "handled" : "expired";
      emit({ event, function: name, messageId: message.id, attempt, ms });
    }
    if ("error" in outcome) {
      const error = describeError(outcome.error);
      const stack = outcome.error instanceof Error ? outcome.error.stack : undefined;
      emit({ event: "failed", function: name, messageId: message.id, attempt, ms, error, stack });
    }
  }
}

/** How long a request's caller will wait from now, as it said itself; for ever if it did not. */
function callerWaits({ headers }: Message): number {
  const deadline = headers["x-hopper-deadline"];
  return typeof deadline === "number" ? deadline - Date.now() : Infinity;
}
