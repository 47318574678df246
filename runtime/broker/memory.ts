import { Parts } from "./parts.ts";
import type { Message } from "./queue/message.ts";

/** What a message takes beside its bytes, generously: its objects, its place in a queue, and the collector's slack. */
const OVERHEAD = 400;

/** Of the limit, what messages may take beside it while they come. */
const PARTS = 0.5;

/** Publishers are let go again below this part of the limit, so that the state does not flutter. */
const RELIEF = 0.9;

/** Counts the bytes of the messages held in memory and tells when they pass the limit. */
export class Memory {
  used = 0;
  /** The part of it that is properties and bodies. */
  content = 0;
  over = false;
  /** Messages that have come in part. */
  readonly parts: Parts;

  constructor(readonly limit: number, readonly changed: (over: boolean) => void) {
    this.parts = new Parts(Math.floor(limit * PARTS));
  }

  /** A queue entry begins to hold the message. */
  retain(message: Message): void {
    if (message.references++ === 0) this.#count(message, 1);
  }

  release(message: Message): void {
    if (--message.references === 0) this.#count(message, -1);
  }

  /** Gives up the bytes of a message that the store has, and keeps for as long as anybody holds it. */
  page(message: Message): void {
    if (message.data === null || message.references === 0 || message.references !== message.stored) return;
    this.#count(message, -1);
    message.data = null;
    this.#count(message, 1);
  }

  #count(message: Message, sign: 1 | -1): void {
    const bytes = message.data === null ? 0 : message.propertiesSize + message.size;
    this.content += sign * bytes;
    this.#add(sign * (OVERHEAD + bytes));
  }

  #add(bytes: number): void {
    this.used += bytes;
    if (this.over ? this.used < this.limit * RELIEF : this.used > this.limit) {
      this.over = !this.over;
      this.changed(this.over);
    }
  }
}
