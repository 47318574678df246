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
 * What happened to stored messages since the last commit.
 *
 * An entry that was answered before it was written is never written at all. How far a queue was delivered is one
 * number for each priority, as within a priority messages leave in order.
 */
export class Journal {
  #inserts: Insert[] = [];
  readonly #entries = new Map<Queue, Runs>();
  readonly #messages = new Runs();
  readonly #delivered = new Map<Queue, Map<number, number>>();

  get isEmpty(): boolean {
    return this.#inserts.length === 0 && this.#entries.size === 0 && this.#delivered.size === 0;
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

  /** The entries that still are to be written, in order. */
  takeInserts(): Insert[] {
    const inserts = this.#inserts.filter(({ queue, entry }) =>
      entry.stored === Stored.Pending && !queue.deleted
    );
    this.#inserts = [];
    return inserts;
  }

  /** The entries could not be written; they live on in memory only. */
  forget(inserts: readonly Insert[]): void {
    for (const { entry } of inserts) {
      entry.stored = Stored.No;
      entry.message.stored--;
      if (entry.message.stored === 0) entry.message.id = 0;
    }
  }

  write(inserts: readonly Insert[], tables: Tables): void {
    for (const { queue, entry } of inserts) {
      if (entry.message.id === 0) tables.insertMessage(entry.message);
      tables.insertEntry(queue, entry);
    }
    for (const [queue, runs] of this.#entries) {
      runs.drain((first, last) => tables.deleteEntries(queue, first, last));
    }
    this.#entries.clear();
    this.#messages.drain((first, last) => tables.deleteMessages(first, last));
    for (const [queue, marks] of this.#delivered) {
      if (queue.deleted) continue;
      for (const [priority, sequence] of marks) tables.setDelivered(queue, priority, sequence);
    }
    this.#delivered.clear();
  }
}

function newRuns(first: number): Runs {
  const runs = new Runs();
  runs.add(first);
  return runs;
}
