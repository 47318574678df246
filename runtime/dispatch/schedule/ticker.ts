import { describeError, HopperError } from "../../core/api/errors.ts";
import { backoffDelay, pause, refusedRetryMs } from "../../core/backoff.ts";
import { orAborted } from "../../core/or_aborted.ts";
import type { Channel, HelperQueue, Link, Publisher } from "../../core/ports/amqp.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { Recurrence } from "../../core/schedule/recurrence.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import type { Consumer } from "../consume/consumer.ts";
import { explainHelper } from "../settle/helper_refused.ts";
import { Memory } from "./memory.ts";
import { Turn } from "./turn.ts";

/*
 * Each runtime that serves a schedule consumes the schedule's queue, which has a single active consumer. The runtime that
 * the broker chose sends the ticks. It learns that from the first message that it gets: the last tick, or a beginning,
 * which each runtime sends when it comes.
 */

/** What a ticker needs. */
export interface TickerParts {
  readonly function: string;
  readonly settings: Resolved;
  readonly recurrence: Recurrence;
  /** The function's queue. */
  readonly queue: string;
  /** The queue that remembers the last tick. The exchange that ticks are sent to has the same name. */
  readonly memory: HelperQueue;
  readonly link: Link;
  readonly publisher: Publisher;
  /** Ticks are sent only while the function can take them. */
  readonly consumer: Pick<Consumer, "attached" | "detached">;
  readonly emit: Emit;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

const lostBackoff = { first: 100, max: 3_000 };

/** How many messages of the schedule's queue may be here; there is seldom more than one. */
const prefetch = 100;

/** How long the rest of the queue is waited for, once its first message has come. */
const settleMs = 500;

/** Sends the ticks of a schedule, unless another runtime does. */
export class Ticker {
  readonly #parts: TickerParts;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #turn: Turn | undefined;
  #latest: number | undefined;
  #trouble: string | undefined;

  constructor(parts: TickerParts) {
    this.#parts = parts;
    this.#done = this.#run(this.#stopping.signal);
  }

  /** Why it cannot send ticks; `undefined` if it can, or if another runtime does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** The latest tick that this runtime sent or learnt of, in milliseconds since the epoch. */
  get latest(): number | undefined {
    return this.#turn?.sent ?? this.#latest;
  }

  /** Sends no more ticks; another runtime goes on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(stopped: AbortSignal): Promise<void> {
    const { consumer } = this.#parts;
    for (let attempt = 1; !stopped.aborted; attempt++) {
      let retryMs = backoffDelay(attempt, lostBackoff);
      try {
        await orAborted(consumer.attached, stopped);
        if (stopped.aborted) return;
        if (await this.#attend(stopped)) attempt = 0;
      } catch (error) {
        if (stopped.aborted) return;
        this.#complain(describeError(error));
        if (error instanceof HopperError && error.code === "TOPOLOGY_REFUSED") retryMs = refusedRetryMs;
      }
      await pause(retryMs, stopped);
    }
  }

  #complain(why: string): void {
    const { function: name, emit } = this.#parts;
    if (why !== this.#trouble) emit({ event: "notice", message: `${name} sends no ticks: ${why}` });
    this.#trouble = why;
  }

  /** Consumes the schedule's queue until it is lost. Returns whether it was this runtime's turn to send. */
  async #attend(stopped: AbortSignal): Promise<boolean> {
    const { link, consumer } = this.#parts;
    const connection = await link.connection(stopped);
    const channel = await connection.openChannel();
    const ending = new AbortController();
    const end = () => ending.abort();
    stopped.addEventListener("abort", end);
    channel.ended.then(end);
    consumer.detached.then(end);
    try {
      return await this.#onChannel(channel, ending.signal, end);
    } catch (error) {
      // What ended it is known: the connection was lost, say.
      if (ending.signal.aborted) return false;
      throw error;
    } finally {
      stopped.removeEventListener("abort", end);
      await channel.close();
    }
  }

  async #onChannel(channel: Channel, ending: AbortSignal, onCancel: () => void): Promise<boolean> {
    const { memory: { name } } = this.#parts;
    const memory = new Memory();
    await this.#declare(channel);
    await channel.prefetch(prefetch);
    await channel.consume(name, { noAck: false }, (delivery) => memory.take(delivery), onCancel);
    const turn = new Turn({ ...this.#parts, memory, memoryQueue: name, channel, ending });
    await turn.announce();
    this.#trouble = undefined;
    await orAborted(memory.came, ending);
    if (!await pause(settleMs, ending)) return false;
    this.#turn = turn;
    try {
      await turn.take();
    } finally {
      this.#latest = turn.sent ?? this.#latest;
      this.#turn = undefined;
    }
    return true;
  }

  async #declare(channel: Channel): Promise<void> {
    const { memory } = this.#parts;
    try {
      await channel.declareQueue(memory);
      await channel.bindQueue(memory.name, memory.name, "", {});
    } catch (error) {
      throw explainHelper(error, memory);
    }
  }
}
