import type { QueueSettings } from "./arguments.ts";
import { now } from "./clock.ts";
import type { Entry } from "./message.ts";

/** The size of a segment for which nothing else was said. */
export const defaultSegmentBytes = 500_000_000;

/** Messages of a stream that are forgotten together. */
interface Segment {
  messages: number;
  bytes: number;
  /** When its latest message was published. */
  latest: number;
}

/**
 * What may be forgotten of a stream. As in RabbitMQ that is decided whenever a segment is full, for whole segments, and
 * never for the one that is written: so a stream may be larger or older than its limits by that much.
 */
export class Segments {
  readonly #limits: Pick<QueueSettings, "segmentBytes" | "maxBytes" | "maxAge">;
  /** The oldest first. */
  readonly #segments: Segment[] = [];
  #bytes = 0;
  #isNew = false;

  constructor(limits: Pick<QueueSettings, "segmentBytes" | "maxBytes" | "maxAge">) {
    this.#limits = limits;
  }

  /** A message was appended. */
  add({ message: { propertiesSize, size }, expiresAt: publishedAt }: Entry): void {
    const { segmentBytes = defaultSegmentBytes } = this.#limits;
    const last = this.#segments.at(-1);
    const isFull = last === undefined || last.bytes >= segmentBytes;
    this.#isNew ||= isFull;
    const segment = isFull ? { messages: 0, bytes: 0, latest: 0 } : last;
    if (isFull) this.#segments.push(segment);
    const bytes = propertiesSize + size;
    segment.messages++;
    segment.bytes += bytes;
    segment.latest = publishedAt;
    this.#bytes += bytes;
  }

  /** How many of the oldest messages are to be forgotten now. */
  takeOld(): number {
    if (!this.#isNew) return 0;
    this.#isNew = false;
    let messages = 0;
    while (this.#segments.length > 1 && this.#isOld(this.#segments[0]!)) {
      const oldest = this.#segments.shift()!;
      messages += oldest.messages;
      this.#bytes -= oldest.bytes;
    }
    return messages;
  }

  #isOld({ latest }: Segment): boolean {
    const { maxBytes = Infinity, maxAge = Infinity } = this.#limits;
    return this.#bytes > maxBytes || latest < now() - maxAge;
  }
}
