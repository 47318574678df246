import { type Entry, type Message, Stored } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import { Runs } from "./runs.ts";

export interface Insert {
  readonly queue: Queue;
  readonly entry: Entry;
}

/** Where a journal is written. */
export interface Tables {
  insertMessage(message: Message): void;
  insertEntry(queue: Queue, entry: Entry): void;
  deleteEntries(queue: Queue, first: number, last: number): void;
  deleteMessages(first: number, last: number): void;
  setDelivered(queue: Queue, priority: number, sequence: number): void;
}

/**
 * What happened to stored messages since the last commit, kept until it is certain that the disk has it.
 *
 * An entry that was answered before it was written is never written at all. How far a queue was delivered is one
 * number for each priority, as within a priority messages leave in order.
 */
export class Journal {
  #inserts: Insert[] = [];
  readonly #entries = new Map<Queue, Runs>();
  readonly #messages = new Runs();
  readonly #delivered = new Map<Queue, Map<number, number>>();
  #deletions: (() => void)[] = [];
  /** The messages that the write under way has given a row. */
  #numbered: Message[] = [];

  get isEmpty(): boolean {
    return this.#inserts.length === 0 && this.#entries.size === 0 && this.#delivered.size === 0 &&
      this.#deletions.length === 0;
  }

  /** How much waits to be written, for people. */
  get contents(): string {
    const counts: [number, string][] = [
      [this.#pending().length, "new message"],
      [this.#entries.values().reduce((sum, runs) => sum + runs.length, 0), "settled message"],
      [this.#deletions.length, "deletion"],
    ];
    const said = counts.filter(([count]) => count > 0)
      .map(([count, noun]) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`);
    return said.join(", ") || "marks of what was delivered";
  }

  get hasInserts(): boolean {
    return this.#inserts.length > 0;
  }

  insert(queue: Queue, entry: Entry): void {
    entry.stored = Stored.Pending;
    entry.message.stored++;
    this.#inserts.push({ queue, entry });
  }

  remove(queue: Queue, entry: Entry): void {
    const { message, stored } = entry;
    if (stored === Stored.No) return;
    entry.stored = Stored.No;
    if (stored === Stored.Yes) {
      const runs = this.#entries.get(queue);
      if (runs) runs.add(entry.sequence);
      else this.#entries.set(queue, newRuns(entry.sequence));
    }
    if (--message.stored === 0 && message.id !== 0) this.#messages.add(message.id);
  }

  delivered(queue: Queue, entry: Entry): void {
    if (entry.stored === Stored.No) return;
    const priority = queue.priorityOf(entry);
    const marks = this.#delivered.get(queue);
    if (!marks) this.#delivered.set(queue, new Map([[priority, entry.sequence]]));
    else if (entry.sequence > (marks.get(priority) ?? 0)) marks.set(priority, entry.sequence);
  }

  /** An exchange, queue or binding is gone: `work` takes it out of the tables. */
  delete(work: () => void): void {
    this.#deletions.push(work);
  }

  /** Writes everything, and forgets nothing: that is for `written`, or `failed` where it came to nothing. */
  write(tables: Tables): void {
    this.#inserts = this.#pending();
    // What goes makes room for what comes.
    for (const [queue, runs] of this.#entries) {
      runs.each((first, last) => tables.deleteEntries(queue, first, last));
    }
    this.#messages.each((first, last) => tables.deleteMessages(first, last));
    for (const { queue, entry } of this.#inserts) {
      if (entry.message.id === 0) {
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

  /** All that was written is on the disk. Returns the entries that are. */
  written(): readonly Insert[] {
    const inserts = this.#inserts;
    for (const { entry } of inserts) entry.stored = Stored.Yes;
    this.#inserts = [];
    this.#entries.clear();
    this.#messages.clear();
    this.#delivered.clear();
    this.#deletions = [];
    this.#numbered = [];
    return inserts;
  }

  /** Nothing of what was written is on the disk: the next write begins anew. */
  failed(): void {
    for (const message of this.#numbered) message.id = 0;
    this.#numbered = [];
  }

  /** The entries that still are to be written, in order. */
  #pending(): Insert[] {
    return this.#inserts.filter(({ queue, entry }) => entry.stored === Stored.Pending && !queue.deleted);
  }
}

function newRuns(first: number): Runs {
  const runs = new Runs();
  runs.add(first);
  return runs;
}
