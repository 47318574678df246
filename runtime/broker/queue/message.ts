import { Buffer } from "node:buffer";
import type { Routable } from "../exchange/exchange.ts";
import { decodeProperties } from "../../amqp/properties.ts";
import type { Traits } from "../protocol/traits.ts";

/** Where a message was published. Messages of one publisher share it, so that it costs nothing for each. */
export interface Origin {
  readonly exchange: string;
  readonly key: string;
  /** The routing key followed by those of CC and BCC. */
  readonly keys: readonly string[];
  /** Exchange and key as the two short strings that basic.deliver, get-ok and return carry. */
  readonly envelope: Uint8Array;
}

export function originOf(exchange: string, key: string, copies: readonly string[] = []): Origin {
  const envelope = Buffer.concat([shortString(exchange), shortString(key)]);
  return { exchange, key, keys: [key, ...copies], envelope };
}

function shortString(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text, "latin1")]);
}

/** A message in memory, shared by all queues it was routed to. */
export class Message {
  /** Queue entries that hold it; at none its memory is given back. */
  references = 0;
  /** Row in the store, 0 while it is in none. */
  id = 0;
  /** Whether it is a dead letter, so that its `x-death` is the broker's own. */
  died = false;
  /** Entries of the store that point to that row. */
  stored = 0;

  constructor(
    readonly origin: Origin,
    readonly traits: Traits,
    /** Properties and body, one behind the other from `start` on; null while only the store has them. */
    public data: Buffer | null,
    readonly start: number,
    readonly propertiesSize: number,
    /** Bytes of the body. */
    readonly size: number,
  ) {}
}

/** A message as routing sees it. */
export function routable({ origin, data, start, propertiesSize }: Message): Routable {
  return {
    keys: origin.keys,
    headers: () => decodeProperties(data!, start, propertiesSize).headers ?? new Map(),
  };
}

export type StoredState = typeof Stored[keyof typeof Stored];
export const Stored = { No: 0, Pending: 1, Yes: 2 } as const;

/** A message's place in one queue. */
export class Entry {
  /** How often it came back to the queue without an answer. */
  returns = 0;
  /** How often it did so as its delivery failed, which a limit may be set to. */
  failures = 0;
  stored: StoredState = Stored.No;

  constructor(
    readonly message: Message,
    /** Rises with every publish to the queue; a requeued entry goes back to its place by it. */
    readonly sequence: number,
    /** When it dies, on the clock of clock.ts; 0 for never. */
    readonly expiresAt: number,
  ) {}

  get redelivered(): boolean {
    return this.returns > 0;
  }
}
