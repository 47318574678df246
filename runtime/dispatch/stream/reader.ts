import { pause } from "../../core/backoff.ts";
import type { Channel, Connection, Delivery, HelperQueue } from "../../core/ports/amqp.ts";
import type { Reading, Source } from "../consume/source.ts";
import type { HelperQueues } from "../settle/helper_queues.ts";
import { filterArguments, isWanted } from "./filter.ts";
import { keepPlace, offsetArgument, type Place, readPlace } from "./place.ts";
import { Progress } from "./progress.ts";
import { StreamDelivery } from "./stream_delivery.ts";

/** What is needed to read a stream. */
export interface StreamReaderParts {
  /** The stream's name. */
  readonly stream: string;
  /** The queue of one message that keeps the function's place. */
  readonly place: HelperQueue;
  /** The queue without messages whose consumer is the one replica that reads. */
  readonly seat: HelperQueue;
  /** Where to begin if no place is kept. */
  readonly from: string | number;
  /** The values of the messages that are wanted, if not all are. */
  readonly filter?: readonly string[];
  readonly queues: HelperQueues;
}

// How often a replica that does not read looks whether it may.
const lookMs = 1_000;

// The place is kept this long after it has changed: what was settled since then is read again after a kill.
const keepMs = 50;

/**
 * Reads a stream for a function. Of all replicas one reads: the one that consumes the seat. The others look every second
 * whether it is free, and whoever takes it begins at the place that was kept.
 */
export class StreamReader implements Source {
  readonly #parts: StreamReaderParts;

  constructor(parts: StreamReaderParts) {
    this.#parts = parts;
  }

  async begin(
    connection: Connection,
    channel: Channel,
    signal: AbortSignal,
    onWait: (why: string) => void,
  ): Promise<Reading> {
    const { stream, place, seat, from, queues } = this.#parts;
    const looking = await connection.openInspectChannel();
    const lost = Promise.withResolvers<string>();
    let kept: Place | undefined;
    try {
      while ((await looking.look(seat.name)).consumers > 0) {
        onWait(`another replica reads the stream '${stream}'`);
        if (!await pause(lookMs, signal)) throw new Error("The runtime stops");
      }
      const onCancel = () => lost.resolve(`The queue '${seat.name}' was deleted`);
      await channel.consume(seat.name, { noAck: true, exclusive: true }, () => {}, onCancel);
      kept = await readPlace(looking, place.name);
    } finally {
      await looking.close();
    }
    if (kept === undefined && from === "next") {
      // If this replica is killed before its first message, the next one begins here, and misses none.
      await keepPlace(queues, place, { time: Math.floor(Date.now() / 1000) });
    }
    return new CurrentReading(this.#parts, kept ?? from, lost.promise);
  }
}

/** One consumer of a stream. */
class CurrentReading implements Reading {
  readonly queue: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly lost: Promise<string>;
  readonly turned: Promise<void>;
  readonly #parts: StreamReaderParts;
  readonly #progress = new Progress();
  readonly #turn: () => void;
  /** The first offset that is wanted: RabbitMQ may begin a little earlier. */
  readonly #from: number;
  /** Whether messages wait until the place of the first one is kept: the last message is another after a restart. */
  #holdsFirst: boolean;
  #first: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #kept: number | undefined;
  #ended = false;

  constructor(parts: StreamReaderParts, from: Place | string | number, lost: Promise<string>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.queue = parts.stream;
    this.arguments = {
      "x-stream-offset": offsetArgument(from),
      // Until the place of the last message is kept, that message has to come, whether it is wanted or not.
      ...from === "last" ? {} : filterArguments(parts.filter),
    };
    this.lost = lost;
    this.turned = promise;
    this.#turn = resolve;
    this.#parts = parts;
    this.#from = typeof from === "object" && "offset" in from ? from.offset : 0;
    this.#holdsFirst = from === "last";
  }

  take(delivery: Delivery, pass: (delivery: Delivery) => void): void {
    const offset = Number(delivery.headers.get("x-stream-offset"));
    if (offset < this.#from) return delivery.ack();
    this.#progress.delivered(offset);
    const own = new StreamDelivery(delivery, {
      settled: () => {
        this.#progress.settled(offset);
        this.#keepSoon();
      },
      returned: this.#turn,
    });
    if (!isWanted(delivery.headers, this.#parts.filter)) return own.ack();
    if (!this.#holdsFirst) return pass(own);
    this.#first ??= this.keep();
    this.#first.then(() => {
      this.#holdsFirst = false;
      pass(own);
    });
  }

  async keep(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#keeping = this.#keeping.then(() => this.#keep());
    await this.#keeping;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #keepSoon(): void {
    if (this.#ended) return;
    this.#timer ??= setTimeout(() => this.keep(), keepMs);
  }

  async #keep(): Promise<void> {
    const { next } = this.#progress;
    if (next === undefined || next === this.#kept) return;
    try {
      await keepPlace(this.#parts.queues, this.#parts.place, { offset: next });
      this.#kept = next;
    } catch {
      // The broker is away: the next change is kept, or the place is read where it was.
      this.#keepSoon();
    }
  }
}
