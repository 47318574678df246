import { Parts } from "./parts.ts";
import type { Message } from "./queue/message.ts";

/**
 * Bytes that a message takes beside its content, a generous guess: its objects, its place in a queue, and what the
 * garbage collector has not freed yet.
 */
const overheadBytes = 400;

/** What incomplete messages may take in addition, as a share of the limit. */
const incompleteShare = 0.5;

/** Publishers go on below this share of the limit, so that the alarm does not go on and off all the time. */
const reliefShare = 0.9;

/** Counts the bytes of the messages in memory, and tells when they pass the limit. */
export class Memory {
  #used = 0;
  #content = 0;
  #isOver = false;
  /** Messages of which only a part has arrived. */
  readonly parts: Parts;

  constructor(readonly limit: number, readonly changed: (over: boolean) => void) {
    this.parts = new Parts(Math.floor(limit * incompleteShare));
  }

  /** Bytes that all messages in memory take. */
  get used(): number {
    return this.#used;
  }

  /** The part of these that is properties and bodies. */
  get content(): number {
    return this.#content;
  }

  /** A queue begins to hold the message. */
  retain(message: Message): void {
    if (message.hold()) this.#count(message, 1);
  }

  /** A queue holds the message no longer. */
  release(message: Message): void {
    if (message.letGo()) this.#count(message, -1);
  }

  /** Frees the bytes of a message that the store keeps for everybody who holds it. */
  page(message: Message): void {
    if (!message.canLeaveMemory) return;
    this.#count(message, -1);
    message.leaveMemory();
    this.#count(message, 1);
  }

  #count(message: Message, sign: 1 | -1): void {
    const bytes = message.data === null ? 0 : message.propertiesSize + message.size;
    this.#content += sign * bytes;
    this.#add(sign * (overheadBytes + bytes));
  }

  #add(bytes: number): void {
    this.#used += bytes;
    if (this.#isOver ? this.#used < this.limit * reliefShare : this.#used > this.limit) {
      this.#isOver = !this.#isOver;
      this.changed(this.#isOver);
    }
  }
}
