import { Reject } from "../core/errors.ts";
import type { Wish } from "../core/host.ts";
import type { Delivery, Headers } from "../core/link.ts";
import type { Outcome } from "../core/outcome.ts";
import { decide } from "./decide.ts";
import { expiryOf } from "./expiry.ts";
import { Isolation, type IsolationParts } from "./isolation.ts";
import { type HostedParts, HostedRuns } from "./hosted_runs.ts";
import { giveBack, isNearLimit } from "./give_back.ts";
import { aloneInTime, mayStillRun } from "./patience.ts";
import type { Pausing } from "./pausing.ts";
import { countsDeliveries, isolates } from "./quarantine.ts";
import { idSource, type Origin, readDelivery } from "./message.ts";
import { Recent } from "../core/recent.ts";
import { report } from "./report.ts";
import { Run, type RunServices } from "./run.ts";
import type { SeenIds } from "./seen.ts";
import { settle } from "./settle.ts";
import { Solitude } from "./solitude.ts";
import { andThen, type Soon } from "./soon.ts";
import { Suspicion } from "./suspicion.ts";
import { sameBody, type Twin, type TwinEnd, Twins } from "./twins.ts";

/** What running a function's messages takes. */
export interface RunnerParts extends IsolationParts, HostedParts {
  readonly pausing: Pausing;
  /** What runs here now, in the version before this one too. */
  readonly twins: Twins;
  /** Ids of messages that were handled, where the function's `dedupe` setting wants them remembered. */
  readonly seen: SeenIds | undefined;
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
  readonly #suspectServices: RunServices;
  readonly #nextId = idSource();
  readonly #twins: Twins;
  readonly #received = new Recent(mostReceived);
  readonly #solitude = new Solitude();
  readonly #suspicion: Suspicion;
  readonly #isolation: Isolation;
  readonly #hosted: HostedRuns;
  /** Settlements that no run waits for. */
  readonly #pending = new Set<Promise<unknown>>();

  constructor(parts: RunnerParts) {
    const { declared: { name, settings: { prefetch } }, caller, emit, host, stop } = parts;
    this.#parts = parts;
    this.#twins = parts.twins;
    this.#suspicion = new Suspicion(prefetch);
    this.#hosted = new HostedRuns(parts, this.#solitude);
    this.#isolation = new Isolation(parts, {
      received: this.#received,
      solitude: this.#solitude,
      run: async (run) => await this.#runUnlessTwin(run, keyOf(run.delivery, run.queue)),
      reportFailed: (run, error) => report({ kind: "rejected", error }, run, 0, parts),
      settleLater: (settling) => this.#settleLater(settling),
    });
    this.#services = {
      caller,
      log: ({ message: { id: messageId } }, level, message, data) =>
        emit({ event: "log", level, function: name, messageId, message, data }),
      settle: (run, wish) => this.#settleByWish(run, wish),
      giveBack: (run) => this.#giveBack(run),
    };
    // Their queue counts nothing, and is the only one where they run alone.
    this.#suspectServices = {
      ...this.#services,
      giveBack: ({ delivery }) => {
        delivery.requeue();
        return false;
      },
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
      run.attempt > end.attempt ? void run.giveBack() : this.#follow(end, run, key);
    this.#settleLater(this.#afterTwin(twin, run, follow));
    return true;
  }

  /** Moves a delivery that its queue may drop before long to the queue's end, and says whether it does. */
  renew(delivery: Delivery, queue: string): boolean {
    const { settings } = this.#parts.declared;
    if (!isNearLimit(delivery, settings)) return false;
    this.giveBack(delivery, queue);
    return true;
  }

  /**
   * Gives a delivery back to its queue unrun: when it comes again, it comes from no crash. Resolves when it is there,
   * if it has to be moved.
   */
  giveBack(delivery: Delivery, queue: string, arrivedAt?: number, suspect = false): Soon<unknown> {
    const key = keyOf(delivery, queue);
    if (key !== undefined) this.#received.add(key);
    const { settings } = this.#parts.declared;
    const origin = { queue, suspect, countsDeliveries: !suspect && countsDeliveries(settings) };
    return this.#read(delivery, origin, arrivedAt).giveBack();
  }

  #giveBack(run: Run): Soon<boolean> {
    const back = giveBack(run, this.#parts);
    if (back instanceof Promise) this.#settleLater(back);
    return back;
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
    if (isolated && !known && this.#suspicion.of(delivery)) return this.#isolation.isolate(run, 1);
    if (key !== undefined) this.#received.add(key);
    if (run.crashes > 0) return this.#runAlone(run, key);
    return this.#solitude.closed ? this.#runLater(run, key) : this.#runBeside(run, key);
  }

  async #runLater(run: Run, key: string | undefined): Promise<void> {
    while (this.#solitude.closed) {
      if (!await mayStillRun(run, this.#solitude.closed, this.#parts.declared.settings)) return;
    }
    await this.#runBeside(run, key);
  }

  #runBeside(run: Run, key: string | undefined): Soon<void> {
    this.#solitude.enter();
    return andThen(this.#runUnlessTwin(run, key), () => this.#solitude.leave());
  }

  async #runAlone(run: Run, key: string | undefined): Promise<void> {
    const { settings } = this.#parts.declared;
    await aloneInTime(this.#solitude, run, settings, () => this.#runUnlessTwin(run, key));
  }

  /** The same for a delivery from the queue of suspects, whose message belongs to `queue`: it runs alone. */
  async runSuspect(delivery: Delivery, queue: string): Promise<void> {
    const run = this.#read(delivery, { queue, suspect: true, countsDeliveries: false });
    const key = keyOf(delivery, queue);
    if (key !== undefined) this.#received.add(key);
    await this.#isolation.run(run);
  }

  #read(delivery: Delivery, origin: Origin, arrivedAt = performance.now()): Run {
    const arrived = readDelivery(delivery, origin, this.#nextId);
    const isRpc = this.#parts.declared.trigger.kind === "rpc";
    const callerUntil = isRpc ? arrivedAt + callerWaits(arrived.headers) : Infinity;
    const expiry = expiryOf(delivery, arrived.moved, arrivedAt);
    const services = origin.suspect ? this.#suspectServices : this.#services;
    return new Run(delivery, origin.queue, arrived, services, { arrivedAt, callerUntil, expiry });
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
    if (await mayStillRun(run, twin.end, this.#parts.declared.settings)) await follow(await twin.end);
  }

  /** What became of the run of the same message holds for this delivery too. */
  async #follow({ outcome, attempt, settled }: TwinEnd, run: Run, key: string): Promise<void> {
    const { declared, stop } = this.#parts;
    // It came to no end, as when its process ended after its channel had: this delivery is the message now.
    if (outcome.kind === "abandoned" && !stop.aborted) return await this.#runUnlessTwin(run, key);
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
    return andThen(this.#hosted.run(run), (outcome) => this.#conclude(run, outcome));
  }

  #conclude(run: Run, outcome: Outcome): Soon<TwinEnd> {
    const { ms, attempt } = run;
    const failed = "error" in outcome;
    if (failed) report(outcome, run, ms, this.#parts);
    this.#countForPause(outcome);
    return andThen(settle(decide(outcome, this.#parts.declared, attempt), run, this.#parts), (settled) => {
      if (!failed) report(outcome, run, ms, this.#parts);
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
}

/**
 * Milliseconds that a request's caller waits from its arrival, as it said itself; for ever if it did not. Its time in
 * the queue is the broker's to count: two clocks are never compared.
 */
function callerWaits(headers: Headers): number {
  const timeout = headers.get("x-hopper-timeout");
  return typeof timeout === "number" || typeof timeout === "bigint" ? Number(timeout) : Infinity;
}
