import type { Caller } from "../core/api/context.ts";
import { Reject } from "../core/api/errors.ts";
import type { Host, Wish } from "../core/ports/host.ts";
import type { Delivery } from "../core/ports/amqp.ts";
import type { Headers } from "../core/ports/headers.ts";
import type { RunPlace, Tracing } from "../core/ports/trace.ts";
import { Recent } from "../core/recent.ts";
import { Background } from "./delivery/background.ts";
import { retryExpiration } from "../core/settings/retry.ts";
import { routeByKey } from "./shards/route.ts";
import { decide, giveUp, type Settlement } from "./settle/decide.ts";
import type { Ending } from "./delivery/ending.ts";
import { expiryOf } from "./delivery/expiry.ts";
import { maxWaitMs } from "./delivery/hold_limit.ts";
import { exhaustedCall } from "./settle/exhausted.ts";
import { giveBack, isNearLimit } from "./settle/give_back.ts";
import { idSource, type Origin, readDelivery } from "./delivery/arrival.ts";
import type { Availability } from "./availability.ts";
import type { CircuitBreaker } from "./circuit_breaker.ts";
import { pipelineOf } from "./pipeline.ts";
import type { Pace, Permit } from "./rate/pace.ts";
import type { RunMarkers } from "./poison/run_markers.ts";
import { countsDeliveries } from "./poison/policy.ts";
import type { Recipient } from "./consume/recipient.ts";
import { report } from "./settle/report.ts";
import { Run, type RunServices } from "./delivery/run.ts";
import { Batches } from "./stages/batches.ts";
import type { IdStore } from "./stages/id_store.ts";
import { about, settle, type SettleParts } from "./settle/settle.ts";
import { andThen, type MaybePromise } from "./delivery/maybe_promise.ts";
import type { InFlight } from "./stages/in_flight.ts";
import type { Handle } from "./stages/stage.ts";
import { Suspicion } from "./poison/suspicion.ts";

/** What is needed to handle a function's deliveries. */
export interface DeliveriesParts extends SettleParts {
  readonly host: Host;
  readonly caller: Caller;
  /** The same, for a run in a trace. */
  readonly callerIn: (place: RunPlace) => Caller;
  readonly breaker: CircuitBreaker;
  readonly availability: Availability;
  /** The messages that run here now, also in the previous version. */
  readonly inFlight: InFlight;
  /** When runs may begin, if the function has a rate. */
  readonly pace: Pace | undefined;
  /** The ids of handled messages, if the function's `dedupe` setting wants them remembered. */
  readonly handled: IdStore | undefined;
  /** Which suspects are running. */
  readonly markers: RunMarkers;
  /** Makes an id for a run. */
  readonly nextRunId: () => string;
  /** Makes spans, if this runtime traces. */
  readonly tracing: Tracing | undefined;
}

// How many received messages this process remembers. An older one that comes again is run alone, needlessly.
const maxReceived = 10_000;

/** Takes one function's deliveries through its stages, settles them, and reports how they ended. */
export class Deliveries implements Recipient {
  readonly #parts: DeliveriesParts;
  readonly #services: RunServices;
  readonly #batches: Batches | undefined;
  readonly #handle: Handle;
  readonly #nextId = idSource();
  readonly #received = new Recent(maxReceived);
  readonly #suspicion: Suspicion;
  readonly #background = new Background();
  /** How often each message was run that is tried again in its place. */
  readonly #earlier = new WeakMap<Delivery, number>();
  /** Where the latest delivery came from: mostly the same queue as the one before. */
  #origin: Origin | undefined;

  constructor(parts: DeliveriesParts) {
    const { declared: { name, settings: { prefetch, batch } }, caller, callerIn, emit, host, stop } = parts;
    this.#parts = { ...parts, onExhausted: exhaustedCall(parts) };
    this.#suspicion = new Suspicion(prefetch);
    this.#batches = batch && new Batches(batch, parts);
    this.#handle = pipelineOf({
      ...parts,
      batches: this.#batches,
      suspicion: this.#suspicion,
      received: this.#received,
      background: this.#background,
    });
    this.#services = {
      caller,
      callerIn,
      nextRunId: parts.nextRunId,
      log: (run, level, message, data) =>
        emit({ event: "log", level, function: name, messageId: run.message.id, run, message, data }),
      settle: (run, wish) => this.#settleByWish(run, wish),
      giveBack: (run) => this.#giveBack(run),
    };
    stop.addEventListener("abort", () => host.giveUp(stop.reason), { once: true });
  }

  handle(
    delivery: Delivery,
    queue: string,
    arrivedAt?: number,
    permit?: Permit,
  ): MaybePromise<number | void> {
    return this.#take(this.#read(delivery, this.#originOf(queue), true, arrivedAt, permit));
  }

  follow(delivery: Delivery, queue: string): boolean {
    if (this.#follow(delivery, this.#originOf(queue))) return true;
    if (!isNearLimit(delivery, this.#parts.declared.settings)) return false;
    this.giveBack(delivery, queue);
    return true;
  }

  giveBack(delivery: Delivery, queue: string, arrivedAt?: number): MaybePromise<unknown> {
    return this.#giveBackUnrun(delivery, this.#originOf(queue), arrivedAt);
  }

  detached(): void {
    this.#suspicion.clear();
    // What gathers may belong to the broker again, and come again, and would wait for what is here.
    this.#batches?.hurry();
  }

  /** The recipient for the queue of suspects, whose messages belong to `queue`. */
  suspectsOf(queue: string): Recipient {
    const origin = { queue, suspect: true, countsDeliveries: false };
    return {
      handle: (delivery, _, arrivedAt, permit) =>
        this.#take(this.#read(delivery, origin, true, arrivedAt, permit)),
      follow: (delivery) => this.#follow(delivery, origin),
      giveBack: (delivery, _, arrivedAt) => this.#giveBackUnrun(delivery, origin, arrivedAt),
      detached: () => {},
    };
  }

  /** The recipient for the function's shards, whose messages belong to `queue`. */
  shardsOf(queue: string): Recipient {
    const origin = { queue, suspect: false, sharded: true, countsDeliveries: false } as const;
    return {
      handle: (delivery, _, arrivedAt, permit) => {
        const earlier = this.#earlier.get(delivery);
        return this.#take(this.#read(delivery, origin, true, arrivedAt, permit, earlier));
      },
      follow: () => false,
      giveBack: (delivery, _, arrivedAt) => this.#giveBackUnrun(delivery, origin, arrivedAt),
      supersede: (delivery, _, arrivedAt) =>
        this.#take(this.#read(delivery, origin, false, arrivedAt), () => ({ kind: "superseded" })),
      detached: () => {},
    };
  }

  /** The recipient for the function's own queue, if its messages go on to shards. */
  routed(): Recipient {
    const route = routeByKey(this.#parts);
    return {
      handle: (delivery, queue, arrivedAt) =>
        this.#take(this.#read(delivery, this.#originOf(queue), true, arrivedAt), route),
      follow: () => false,
      giveBack: (delivery) => delivery.requeue(),
      detached: () => {},
    };
  }

  /** The function stops: no message waits for others any more, and what is here runs. */
  stop(): void {
    this.#batches?.close();
  }

  /** Resolves when the background work has ended, such as dead-lettering what handlers refused with `nack`. */
  async ended(): Promise<void> {
    await this.#background.ended();
  }

  #originOf(queue: string): Origin {
    if (this.#origin?.queue === queue) return this.#origin;
    return this.#origin = {
      queue,
      suspect: false,
      countsDeliveries: countsDeliveries(this.#parts.declared.settings),
    };
  }

  #giveBackUnrun(delivery: Delivery, origin: Origin, arrivedAt?: number): MaybePromise<unknown> {
    const run = this.#read(delivery, origin, false, arrivedAt);
    if (run.key !== undefined) this.#received.add(run.key);
    return run.giveBack();
  }

  #giveBack(run: Run): MaybePromise<boolean> {
    if (run.isSuspect) {
      // It must stay in the queue of suspects, where it runs alone. That queue does not count returns.
      run.delivery.requeue();
      return false;
    }
    const back = giveBack(run, this.#parts);
    if (back instanceof Promise) this.#background.add(back);
    return back;
  }

  #follow(delivery: Delivery, origin: Origin): boolean {
    if (this.#parts.declared.settings.ack !== "auto") return false;
    if (!this.#parts.inFlight.has(delivery, origin.queue)) return false;
    this.#background.add(Promise.resolve(this.#take(this.#read(delivery, origin, false))));
    return true;
  }

  #read(
    delivery: Delivery,
    origin: Origin,
    inSlot: boolean,
    arrivedBefore?: number,
    permit?: Permit,
    earlier?: number,
  ): Run {
    const readAt = performance.now();
    const arrivedAt = arrivedBefore ?? readAt;
    const arrived = readDelivery(delivery, origin, this.#nextId);
    const { settings, trigger } = this.#parts.declared;
    const isRpc = trigger.kind === "rpc";
    const beginBy = settings.ack === "none" ? Infinity : arrivedAt + maxWaitMs(settings);
    const callerUntil = isRpc ? arrivedAt + callerWaits(arrived.headers) : Infinity;
    const expiry = expiryOf(delivery, arrived.moved, arrivedAt);
    const times = { arrivedAt, readAt, beginBy, callerUntil, expiry };
    const services = this.#services;
    return new Run({ delivery, origin, arrived, services, times, inSlot, earlier, permit });
  }

  #take(run: Run, handle: Handle = this.#handle): MaybePromise<number | void> {
    return andThen(handle(run), (ending) => this.#conclude(run, ending));
  }

  #conclude(run: Run, ending: Ending): MaybePromise<number | void> {
    const { ms, attempt } = run;
    const failed = "error" in ending;
    if (failed) report(ending, run, ms, this.#parts);
    if (run.countsForPause) this.#countForPause(ending);
    const settlement = this.#keepPlace(decide(ending, this.#parts.declared, attempt), run);
    if (settlement.kind === "again") {
      run.end({ ending, attempt, settled: false });
      return settlement.ms;
    }
    return andThen(settle(settlement, run, this.#parts), (settled) => {
      if (!failed) report(ending, run, ms, this.#parts);
      run.end({ ending, attempt, settled });
    });
  }

  /**
   * Where order counts, a failed message keeps its place until it is run again, as the next ones of its key wait for it.
   * If it would wait longer than it may be here, it becomes a dead letter.
   */
  #keepPlace(settlement: Settlement, run: Run): Settlement | { readonly kind: "again"; readonly ms: number } {
    const { declared: { settings: { sharding, deadLetter } }, emit } = this.#parts;
    if (settlement.kind !== "retry" || !sharding?.inOrder) return settlement;
    const { error, jitter } = settlement;
    const ms = retryExpiration(settlement.ms, jitter);
    if (performance.now() + ms > run.beginBy) return giveUp(error, deadLetter);
    this.#earlier.set(run.delivery, (this.#earlier.get(run.delivery) ?? 0) + 1);
    emit({ event: "retrying", attempt: run.attempt, retryMs: ms, ...about(run, this.#parts, error) });
    return { kind: "again", ms };
  }

  // A rejected message does not count: it says nothing about the services that the function depends on.
  #countForPause({ kind }: Ending): void {
    if (kind === "failed" || kind === "retry") this.#parts.breaker.record(true);
    if (kind === "returned") this.#parts.breaker.record(false);
  }

  #settleByWish(run: Run, wish: Wish): void {
    const { settings } = this.#parts.declared;
    // Otherwise the outcome settles the message: an rpc settled before its reply would leave its caller waiting.
    if (settings.ack !== "manual") return;
    if (wish === "dead-letter") return this.#giveUp(run);
    if (!run.claim()) return;
    if (wish === "ack") run.delivery.ack();
    else run.delivery.requeue();
  }

  #giveUp(run: Run): void {
    const { declared } = this.#parts;
    const error = new Reject("The handler gave the message up with nack({ requeue: false })");
    const settlement = decide({ kind: "rejected", error }, declared, run.attempt);
    this.#background.add(Promise.resolve(settle(settlement, run, this.#parts)));
  }
}

/**
 * How long a request's caller waits, from the request's arrival here, in milliseconds; `Infinity` if it did not say. Its
 * time in the queue does not count, because that would mean comparing two machines' clocks.
 */
function callerWaits(headers: Headers): number {
  const timeout = headers.get("x-hopper-timeout");
  return typeof timeout === "number" || typeof timeout === "bigint" ? Number(timeout) : Infinity;
}
