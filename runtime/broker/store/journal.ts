import type { Entry, Message } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import { Runs } from "./runs.ts";

export interface Insert {
  readonly queue: Queue;
  readonly entry: Entry;
}

/** Where a journal is written to. */
export interface Tables {
  /** Gives the message a row. */
  insertMessage(message: Message): void;
  insertEntry(queue: Queue, entry: Entry): void;
  deleteEntries(queue: Queue, first: number, last: number): void;
  deleteMessages(first: number, last: number): void;
  setDelivered(queue: Queue, priority: number, sequence: number): void;
}

/**
 * What happened to stored messages since the last commit, kept until it is certain that the disk has it.
 *
 * An entry that was settled before it was written is never written at all. How far a queue was delivered is one number
 * for each priority, as messages of the same priority leave in order.
 */
export class Journal {
  #inserts: Insert[] = [];
  readonly #entries = new Map<Queue, Runs>();
  readonly #messages = new Runs();
  readonly #delivered = new Map<Queue, Map<number, number>>();
  #deletions: (() => void)[] = [];
  /** The messages to which the write that is under way has given a row. */
  #numbered: Message[] = [];

  get isEmpty(): boolean {
    return this.#inserts.length === 0 && this.#entries.size === 0 && this.#delivered.size === 0 &&
      this.#deletions.length === 0;
  }

  /** How much waits to be written, as people read it: `3 new messages, 1 deletion`. */
  get contents(): string {
    const counts: [number, string][] = [
      [this.#pending().length, "new message"],
      [this.#entries.values().reduce((sum, runs) => sum + runs.length, 0), "settled message"],
      [this.#deletions.length, "deletion"],
    ];
    const said = counts.filter(([count]) => count > 0)
      .map(([count, noun]) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`);
    return said.join(", ") || "notes of what was delivered";
  }

  get hasInserts(): boolean {
    return this.#inserts.length > 0;
  }

  insert(queue: Queue, entry: Entry): void {
    entry.enterStore();
    this.#inserts.push({ queue, entry });
  }

  remove(queue: Queue, entry: Entry): void {
    const { message, stored } = entry;
    if (stored === "no") return;
    entry.leaveStore();
    if (stored === "yes") {
      const runs = this.#entries.get(queue);
      if (runs) runs.add(entry.sequence);
      else this.#entries.set(queue, newRuns(entry.sequence));
    }
    if (!message.isStored && message.row !== 0) this.#messages.add(message.row);
  }

  delivered(queue: Queue, entry: Entry): void {
    if (entry.stored === "no") return;
    const priority = queue.priorityOf(entry);
    const marks = this.#delivered.get(queue);
    if (!marks) this.#delivered.set(queue, new Map([[priority, entry.sequence]]));
    else if (entry.sequence > (marks.get(priority) ?? 0)) marks.set(priority, entry.sequence);
  }

  /** An exchange, queue or binding is gone: `work` removes it from the tables. */
  delete(work: () => void): void {
    this.#deletions.push(work);
  }

  /** Writes everything and forgets nothing yet: `written` does, once the disk has it, or else `failed` is called. */
  write(tables: Tables): void {
    this.#inserts = this.#pending();
    // Deletions come first, as they make room for what is new.
    for (const [queue, runs] of this.#entries) {
      runs.each((first, last) => tables.deleteEntries(queue, first, last));
    }
    this.#messages.each((first, last) => tables.deleteMessages(first, last));
    for (const { queue, entry } of this.#inserts) {
      if (entry.message.row === 0) {
        tables.insertMessage(entry.message);
        this.#numbered.push(entry.message);
      }
      tables.insertEntry(queue, entry);
    }
    for (const [queue, marks] of this.#delivered) {
      if (queue.deleted) continue;
      for (const [priority, sequence] of marks) tables.setDelivered(queue, priority, sequence);
    }
    for (const work of this.#deletions) work();
  }

  /** All that was written is on the disk. Returns the entries that were new. */
  written(): readonly Insert[] {
    const inserts = this.#inserts;
    for (const { entry } of inserts) entry.written();
    this.#inserts = [];
    this.#entries.clear();
    this.#messages.clear();
    this.#delivered.clear();
    this.#deletions = [];
    this.#numbered = [];
    return inserts;
  }

  /** Nothing of it is on the disk: the next write begins from the start. */
  failed(): void {
    for (const message of this.#numbered) message.numbered(0);
    this.#numbered = [];
  }

  /** The entries that are still to be written, in order. */
  #pending(): Insert[] {
    return this.#inserts.filter(({ queue, entry }) => entry.stored === "pending" && !queue.deleted);
  }
}

function newRuns(first: number): Runs {
  const runs = new Runs();
  runs.add(first);
  return runs;
}
