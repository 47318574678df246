import type { Caller } from "../../core/api/context.ts";
import type { LogLevel } from "../../core/ports/events.ts";
import type { Job, Wish } from "../../core/ports/host.ts";
import type { Delivery } from "../../core/ports/amqp.ts";
import type { Headers } from "../../core/ports/headers.ts";
import type { ObservedRun } from "../../core/ports/observed_run.ts";
import { readTraceparent, type RunPlace, type TraceContext, traceContextIn } from "../../core/ports/trace.ts";
import type { BareMessage } from "../../core/api/message.ts";
import type { Ended } from "./ending.ts";
import type { Expiry } from "./expiry.ts";
import type { Arrived, Origin } from "./arrival.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { Permit } from "../rate/pace.ts";

/** What a run's handler may ask for. */
export interface RunServices {
  readonly caller: Caller;
  /** The same, for a run in a trace. */
  callerIn(place: RunPlace): Caller;
  /** Makes an id for a run. */
  nextRunId(): string;
  log(run: Run, level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void;
  settle(run: Run, wish: Wish): void;
  /** Returns whether the message was moved to get back to its queue. */
  giveBack(run: Run): MaybePromise<boolean>;
}

/** Equal for two deliveries of the same message; `undefined` if the message has no id. */
export function keyOf({ properties: { messageId } }: Delivery, queue: string): string | undefined {
  return messageId ? `${queue}\n${messageId}` : undefined;
}

/** What a run is made of. */
export interface RunParts {
  readonly delivery: Delivery;
  readonly origin: Origin;
  readonly arrived: Arrived;
  readonly services: RunServices;
  readonly times: Times;
  /** Whether it has one of the function's slots, so that it may run. */
  readonly inSlot: boolean;
  /** How often it was run since it arrived. @default 0 */
  readonly earlier?: number;
  /** The right to begin, if the function has a rate and the run has a slot. */
  readonly permit?: Permit | undefined;
}

/** The times of a run, in terms of `performance.now()`. */
export interface Times {
  /** When the broker delivered its message. */
  readonly arrivedAt: number;
  /** When it was read: its run begins then, unless a batch is gathered first. */
  readonly readAt: number;
  /** Its latest begin, so that it ends before the broker takes the message back; `Infinity` if the broker does not. */
  readonly beginBy: number;
  /** Until when its caller waits; `Infinity` if nobody does. */
  readonly callerUntil: number;
  /** When its message expires, if it was sent with an `expiration`. */
  readonly expiry: Expiry | undefined;
}

/** One delivery, from its decoding until it is settled. Only the first to claim it may settle it. */
export class Run implements Job, ObservedRun {
  readonly delivery: Delivery;
  /** The queue it came from. */
  readonly queue: string;
  readonly message: BareMessage;
  /** Equal for deliveries of the same message; `undefined` if the message has no id. */
  readonly key: string | undefined;
  /** Whether it came through the queue of suspects. */
  readonly isSuspect: boolean;
  readonly inSlot: boolean;
  readonly permit: Permit | undefined;
  /** The message's headers, which are passed on when it is moved. */
  readonly headers: Headers;
  /** How many processes ended while they ran its message, before this run. */
  readonly crashes: number;
  readonly beginBy: number;
  readonly callerUntil: number;
  readonly expiry: Expiry | undefined;
  readonly #services: RunServices;
  /** When the broker delivered it, a time of `performance.now()`. */
  readonly arrivedAt: number;
  /** Whether it runs while no other run does. */
  isAlone = false;
  /** Whether a process ended while this and other runs were in it. */
  wasSuspected = false;
  /** Its own span, if this runtime traces. */
  span: TraceContext | undefined;
  /** How many messages its handler gets together with its own; 0 if the handler gets no batches. */
  batch = 0;
  /** Whether its end counts when it is decided whether the function pauses. */
  countsForPause = true;
  #id: string | undefined;
  #started: number;
  #attempt: number;
  #claimed = false;
  #givenBack = false;
  #ended: Ended | undefined;
  #listeners: ((ended: Ended) => void)[] | undefined;

  constructor({ delivery, origin, arrived, services, times, inSlot, earlier = 0, permit }: RunParts) {
    const { message, headers, attempt, crashes } = arrived;
    const { arrivedAt, readAt, beginBy, callerUntil, expiry } = times;
    this.delivery = delivery;
    this.queue = origin.queue;
    this.isSuspect = origin.suspect;
    this.inSlot = inSlot;
    this.permit = permit;
    this.key = keyOf(delivery, origin.queue);
    this.message = message;
    this.headers = headers;
    this.crashes = crashes;
    this.beginBy = beginBy;
    this.callerUntil = callerUntil;
    this.expiry = expiry;
    this.arrivedAt = arrivedAt;
    this.#attempt = attempt + earlier;
    this.#started = readAt;
    this.#services = services;
  }

  /** Made when somebody asks for it. */
  get id(): string {
    return this.#id ??= this.#services.nextRunId();
  }

  get attempt(): number {
    return this.#attempt;
  }

  get traceId(): string | undefined {
    return readTraceparent(this.span?.traceparent ?? this.headers.get("traceparent"))?.traceId;
  }

  toJSON(): string {
    return this.id;
  }

  get caller(): Caller {
    // What it sends belongs to the same trace, also where only its sender traces.
    const came = traceContextIn(this.headers);
    const trace = this.span ?? came;
    return trace === undefined ? this.#services.caller : this.#services.callerIn({ trace, came });
  }

  log(level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void {
    this.#services.log(this, level, message, data);
  }

  settle(wish: Wish): void {
    this.#services.settle(this, wish);
  }

  /** Gives the message back to its queue, because it cannot be run here. Returns whether it was moved to get there. */
  giveBack(): MaybePromise<boolean> {
    if (this.#givenBack) return false;
    this.#givenBack = true;
    return this.#services.giveBack(this);
  }

  /** Whether the message is still here, and can be run and settled. */
  get here(): boolean {
    return !this.#givenBack && this.delivery.open;
  }

  /** Its batch of this many messages begins to run; the time in which it gathered does not count. */
  begin(batch: number): void {
    this.batch = batch;
    this.#started = performance.now();
  }

  /** Counts one more start of its handler. */
  countStart(): void {
    this.#attempt++;
  }

  /** Whether the caller is the first to settle this message. */
  claim(): boolean {
    const first = !this.#claimed;
    this.#claimed = true;
    return first;
  }

  /** Whether it was claimed. */
  get claimed(): boolean {
    return this.#claimed;
  }

  /** Stores the result, and tells the listeners. */
  end(ended: Ended): void {
    this.#ended = ended;
    for (const listener of this.#listeners ?? []) listener(ended);
  }

  /** Calls the listener with the result, now or when it is known. */
  onEnded(listener: (ended: Ended) => void): void {
    if (this.#ended) listener(this.#ended);
    else (this.#listeners ??= []).push(listener);
  }

  /** Whether the time of its message or of its caller is over. */
  get expired(): boolean {
    const until = Math.min(this.callerUntil, this.expiry?.at ?? Infinity);
    return until !== Infinity && until <= performance.now();
  }

  /** Whole milliseconds since it began. */
  get ms(): number {
    return Math.round(performance.now() - this.#started);
  }
}
