import type { Caller } from "../../core/api/context.ts";
import type { LogLevel } from "../../core/ports/events.ts";
import type { Job, Wish } from "../../core/ports/host.ts";
import type { Delivery } from "../../core/ports/amqp.ts";
import type { Headers } from "../../core/ports/headers.ts";
import type { BareMessage } from "../../core/api/message.ts";
import type { Ended } from "./ending.ts";
import type { Expiry } from "./expiry.ts";
import type { Arrived, Origin } from "./arrival.ts";
import type { MaybePromise } from "./maybe_promise.ts";

/** What a run's handler may ask for, as the function's runner does it. */
export interface RunServices {
  readonly caller: Caller;
  log(run: Run, level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void;
  settle(run: Run, wish: Wish): void;
  /** Says whether the message has been moved to get back to its queue. */
  giveBack(run: Run): MaybePromise<boolean>;
}

/** What says that two deliveries are of one message; an empty id names nothing. */
export function keyOf({ properties: { messageId } }: Delivery, queue: string): string | undefined {
  return messageId ? `${queue}\n${messageId}` : undefined;
}

/** What a run begins with. */
export interface RunParts {
  readonly delivery: Delivery;
  readonly origin: Origin;
  readonly arrived: Arrived;
  readonly services: RunServices;
  readonly times: Times;
  /** Whether it has one of the function's slots, and may use it. */
  readonly inSlot: boolean;
}

/** The times of a run, as `performance.now()` counts. */
export interface Times {
  /** When the broker delivered its message. */
  readonly arrivedAt: number;
  /** Until when its caller waits; `Infinity` where none does. */
  readonly callerUntil: number;
  /** When its message is over, where that was sent with an `expiration`. */
  readonly expiry: Expiry | undefined;
}

/** One delivery on its way from decoded to settled. Whoever claims it settles it; a second claim is refused. */
export class Run implements Job {
  readonly delivery: Delivery;
  /** The queue it came from. */
  readonly queue: string;
  readonly message: BareMessage;
  /** What the same message is known by; nothing where it bears no id. */
  readonly key: string | undefined;
  /** Whether it came by the queue of suspects. */
  readonly isSuspect: boolean;
  readonly inSlot: boolean;
  /** The message's headers, to go along with it. */
  readonly headers: Headers;
  /** Processes that ended while they ran its message, before this run. */
  readonly crashes: number;
  readonly callerUntil: number;
  readonly expiry: Expiry | undefined;
  readonly #services: RunServices;
  /** When the broker delivered it, as `performance.now()` counts. */
  readonly arrivedAt: number;
  /** Whether nothing runs beside it. */
  isAlone = false;
  /** Whether a process ended while it and others were in it. */
  wasSuspected = false;
  readonly #started = performance.now();
  #attempt: number;
  #claimed = false;
  #givenBack = false;
  #ended: Ended | undefined;
  #listeners: ((ended: Ended) => void)[] | undefined;

  constructor({ delivery, origin, arrived, services, times, inSlot }: RunParts) {
    const { message, headers, attempt, crashes } = arrived;
    const { arrivedAt, callerUntil, expiry } = times;
    this.delivery = delivery;
    this.queue = origin.queue;
    this.isSuspect = origin.suspect;
    this.inSlot = inSlot;
    this.key = keyOf(delivery, origin.queue);
    this.message = message;
    this.headers = headers;
    this.crashes = crashes;
    this.callerUntil = callerUntil;
    this.expiry = expiry;
    this.arrivedAt = arrivedAt;
    this.#attempt = attempt;
    this.#services = services;
  }

  get attempt(): number {
    return this.#attempt;
  }

  get caller(): Caller {
    return this.#services.caller;
  }

  log(level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void {
    this.#services.log(this, level, message, data);
  }

  settle(wish: Wish): void {
    this.#services.settle(this, wish);
  }

  /** Gives the message back to its queue, as it cannot be run here; says whether it has been moved to get there. */
  giveBack(): MaybePromise<boolean> {
    if (this.#givenBack) return false;
    this.#givenBack = true;
    return this.#services.giveBack(this);
  }

  /** Whether the message is here still, to be run or settled. */
  get here(): boolean {
    return !this.#givenBack && this.delivery.open;
  }

  /** Its handler was started once more. */
  countStart(): void {
    this.#attempt++;
  }

  /** Whether the caller is the first to settle this message. */
  claim(): boolean {
    const first = !this.#claimed;
    this.#claimed = true;
    return first;
  }

  /** Whether somebody has settled it. */
  get claimed(): boolean {
    return this.#claimed;
  }

  /** Notes what became of it. */
  end(ended: Ended): void {
    this.#ended = ended;
    for (const listener of this.#listeners ?? []) listener(ended);
  }

  /** Calls the listener with what became of it, once that is known. */
  onEnded(listener: (ended: Ended) => void): void {
    if (this.#ended) listener(this.#ended);
    else (this.#listeners ??= []).push(listener);
  }

  /** Whether its message or its caller can wait no longer. */
  get expired(): boolean {
    const until = Math.min(this.callerUntil, this.expiry?.at ?? Infinity);
    return until !== Infinity && until <= performance.now();
  }

  /** Whole milliseconds since it began. */
  get ms(): number {
    return Math.round(performance.now() - this.#started);
  }
}
