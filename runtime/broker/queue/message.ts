import { Buffer } from "node:buffer";
import type { Traits } from "../protocol/traits.ts";

/** Where a message was published. Messages of one publisher share it, so that it costs nothing for each of them. */
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

/** A message, shared by all queues that it was routed to. Its bytes are in memory, or in the store alone. */
export class Message {
  #data: Buffer | null;
  #holders = 0;
  #storedEntries = 0;
  #row = 0;

  constructor(
    readonly origin: Origin,
    readonly traits: Traits,
    data: Buffer | null,
    readonly start: number,
    readonly propertiesSize: number,
    /** Bytes of the body. */
    readonly size: number,
    /** Whether the broker itself wrote its `x-death`. */
    readonly isDeadLetter = false,
  ) {
    this.#data = data;
  }

  /** Properties and body, one behind the other from `start` on; null while only the store has them. */
  get data(): Buffer | null {
    return this.#data;
  }

  /** Its row in the store; 0 while it has none. */
  get row(): number {
    return this.#row;
  }

  /** Whether the store has, or is about to get, an entry that needs its row. */
  get isStored(): boolean {
    return this.#storedEntries > 0;
  }

  /** Whether the store has all that is in memory, for everybody who holds it. */
  get canLeaveMemory(): boolean {
    return this.#data !== null && this.#holders > 0 && this.#holders === this.#storedEntries;
  }

  /** A queue begins to hold it. True: it is the first. */
  hold(): boolean {
    return this.#holders++ === 0;
  }

  /** A queue holds it no longer. True: it was the last. */
  letGo(): boolean {
    return --this.#holders === 0;
  }

  /** Gives up the bytes in memory; from now on they are read from the store. */
  leaveMemory(): void {
    this.#data = null;
  }

  /** The store gave it a row, or took it back with 0. */
  numbered(row: number): void {
    this.#row = row;
  }

  /** One more (1) or one less (-1) of the store's entries needs its row. */
  countStored(change: 1 | -1): void {
    this.#storedEntries += change;
  }
}

/** How far an entry has come into the store. */
export type StoredState = "no" | "pending" | "yes";

/** A message's place in one queue. */
export class Entry {
  #returns = 0;
  #failures = 0;
  #stored: StoredState = "no";

  constructor(
    readonly message: Message,
    /** Rises with every publish to the queue; a requeued entry finds its old place by it. */
    readonly sequence: number,
    /** When it expires, on the clock of clock.ts; 0 for never. In a stream: when it was published. */
    readonly expiresAt: number,
  ) {}

  /** How often it came back to the queue unanswered. */
  get returns(): number {
    return this.#returns;
  }

  /** How often it came back because its delivery failed; a delivery limit counts these. */
  get failures(): number {
    return this.#failures;
  }

  get redelivered(): boolean {
    return this.#returns > 0;
  }

  /** Whether the store has it: `pending` is with the next commit. */
  get stored(): StoredState {
    return this.#stored;
  }

  returned(failed: boolean): void {
    this.#returns++;
    if (failed) this.#failures++;
  }

  /** The store is to write it with the next commit. */
  enterStore(): void {
    this.#stored = "pending";
    this.message.countStored(1);
  }

  /** The commit is done. */
  written(): void {
    this.#stored = "yes";
  }

  /** The store does not need it any longer. */
  leaveStore(): void {
    this.#stored = "no";
    this.message.countStored(-1);
  }
}
