import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Binding, Exchange } from "../exchange/exchange.ts";
import { AmqpError, DiskTrouble } from "../errors.ts";
import type { Alarms } from "../alarms.ts";
import type { Memory } from "../memory.ts";
import { toWallClock } from "../queue/clock.ts";
import type { Entry, Message } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import { recoverMessages, recoverTopology } from "./recover.ts";
import { Journal, type Tables } from "./journal.ts";
import { reasonOf, Refusals } from "./refusals.ts";
import { databasePath, nameToBytes, openDatabase, tableToBytes } from "./schema.ts";
import type { Restorable, Store, Waiter } from "./store.ts";

/** How long the store waits before it tries again a commit that the disk did not take. */
const retryMs = 1_000;

/**
 * Keeps durable things in an SQLite database.
 *
 * Publishes and answers gather in a journal. One setImmediate in each turn of the event loop commits them, and only
 * then the publishers get their confirms. A commit that somebody waits for is synced to the disk. One that nobody waits
 * for is left to the operating system, which writes it even where this process is killed.
 *
 * What the disk does not take stays in the journal and is tried again: publishers wait for their confirms, and no
 * acknowledgement is forgotten.
 */
export class SqliteStore implements Store, Tables {
  readonly database: DatabaseSync;
  readonly #journal = new Journal();
  readonly #statements: ReturnType<typeof prepare>;
  readonly #refusals: Refusals;
  /** Rows in the table of queues. */
  readonly #queueRows = new WeakMap<Queue, number>();
  #waiters = new Set<Waiter>();
  #scheduled: ReturnType<typeof setImmediate> | undefined;
  /** Set while the disk takes nothing. */
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isSynced = true;
  #nextMessage: number;

  /**
   * @param resident bytes of stored messages that may stay in memory too
   * @param alarms set while the disk does not take a commit
   * @param report told what the disk does not take, and when it does again
   */
  constructor(
    folder: string,
    readonly memory: Memory,
    readonly resident: number,
    readonly alarms: Alarms,
    readonly report: (error: unknown) => void,
  ) {
    this.#refusals = new Refusals(databasePath(folder), report);
    this.database = openDatabase(folder, report);
    this.#statements = prepare(this.database);
    const last = this.database.prepare("SELECT max(id) AS id FROM message").get() as { id: number | null };
    this.#nextMessage = (last.id ?? 0) + 1;
  }

  recover(vhost: Restorable): void {
    const queues = recoverTopology(this.database, vhost);
    for (const [row, queue] of queues) this.#queueRows.set(queue, row);
    recoverMessages(this.database, queues);
  }

  get pending(): boolean {
    return this.#journal.hasInserts;
  }

  saveExchange({ name, type, autoDelete, internal, args }: Exchange): void {
    this.#run(
      this.#statements.saveExchange,
      nameToBytes(name),
      type,
      +autoDelete,
      +internal,
      tableToBytes(args),
    );
  }

  deleteExchange({ name }: Exchange): void {
    this.#delete(() => this.#statements.deleteExchange.run(nameToBytes(name)));
  }

  saveQueue(queue: Queue): void {
    const { name, autoDelete, args } = queue;
    const row = this.#run(this.#statements.saveQueue, nameToBytes(name), +autoDelete, tableToBytes(args));
    this.#queueRows.set(queue, Number(row));
  }

  deleteQueue(queue: Queue): void {
    const row = this.#rowOf(queue);
    this.#delete(() => {
      this.#statements.deleteQueue.run(row);
      this.#statements.deleteQueueEntries.run(row);
      this.#statements.deleteQueueMarks.run(row);
    });
  }

  saveBinding({ source, destination, key, args, identity }: Binding): void {
    const names = [source.name, destination.name, key].map(nameToBytes) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    this.#run(this.#statements.saveBinding, ...names, destination.kind, tableToBytes(args), identity);
  }

  deleteBinding({ source, identity }: Binding): void {
    this.#delete(() => this.#statements.deleteBinding.run(nameToBytes(source.name), identity));
  }

  insert(queue: Queue, entry: Entry): void {
    this.#journal.insert(queue, entry);
    this.#schedule();
  }

  remove(queue: Queue, entry: Entry): void {
    this.#journal.remove(queue, entry);
    if (!this.#journal.isEmpty) this.#schedule();
  }

  delivered(queue: Queue, entry: Entry): void {
    if (entry.stored === "no") return;
    this.#journal.delivered(queue, entry);
    this.#schedule();
  }

  load(message: Message): Buffer {
    const row = this.#statements.load.get(message.row) as { content: Uint8Array } | undefined;
    if (!row) throw new Error(`The store has no message ${message.row}`);
    const { buffer, byteOffset, byteLength } = row.content;
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  whenCommitted(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  commit(): boolean {
    return this.#commit(this.#waiters.size > 0 || this.#retry !== undefined);
  }

  close(): void {
    if (!this.commit()) {
      const lost = this.#journal.contents;
      this.report(
        new DiskTrouble(
          `Stopped while the disk took nothing: ${lost} not written; new messages are lost, settled ones come again`,
        ),
      );
    }
    clearTimeout(this.#retry);
    this.database.close();
  }

  insertMessage(message: Message): void {
    const { origin, data, start, propertiesSize, size } = message;
    message.numbered(this.#nextMessage++);
    const content = data!.subarray(start, start + propertiesSize + size);
    const copies = origin.keys.length === 1 ? null : JSON.stringify(origin.keys.slice(1));
    this.#statements.insertMessage.run(message.row, origin.envelope, copies, propertiesSize, content);
  }

  insertEntry(queue: Queue, { sequence, message, expiresAt }: Entry): void {
    const wall = expiresAt === 0 ? 0 : toWallClock(expiresAt);
    this.#statements.insertEntry.run(this.#rowOf(queue), sequence, message.row, wall);
  }

  deleteEntries(queue: Queue, first: number, last: number): void {
    this.#statements.deleteEntries.run(this.#rowOf(queue), first, last);
  }

  deleteMessages(first: number, last: number): void {
    this.#statements.deleteMessages.run(first, last);
  }

  setDelivered(queue: Queue, priority: number, sequence: number): void {
    this.#statements.setDelivered.run(this.#rowOf(queue), priority, sequence);
  }

  #rowOf(queue: Queue): number {
    return this.#queueRows.get(queue)!;
  }

  #schedule(): void {
    if (this.#retry === undefined) this.#scheduled ??= setImmediate(() => this.commit());
  }

  #commit(sync: boolean): boolean {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (!this.#write(sync)) return false;
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const waiter of waiters) waiter.committed();
    return true;
  }

  /** Writes the journal; false when the disk did not take it. */
  #write(sync: boolean): boolean {
    if (this.#journal.isEmpty) return true;
    try {
      this.#sync(sync);
      this.#transact(() => this.#journal.write(this));
    } catch (error) {
      this.#journal.failed();
      this.#refused(error);
      return false;
    }
    for (const { entry } of this.#journal.written()) {
      if (this.memory.content > this.resident) this.memory.page(entry.message);
    }
    if (this.#retry !== undefined) this.#accepted();
    return true;
  }

  #refused(error: unknown): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.commit(), retryMs);
    this.alarms.set("disk", true);
    this.#refusals.refused(
      this.#journal.contents,
      error,
      "they are kept in memory, publishers wait, and the disk is asked again every second",
    );
  }

  #accepted(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.alarms.set("disk", false);
    this.#refusals.taken();
  }

  /** A deletion is never refused, as the broker itself may want it. If the disk does not take it, it is done later. */
  #delete(work: () => void): void {
    this.#journal.delete(work);
    if (this.#retry === undefined) this.#commit(true);
  }

  /** Throws 406 where the disk does not take it, which closes only the channel that asked. */
  #run(statement: StatementSync, ...values: (string | number | Uint8Array)[]): number | bigint {
    // A deletion that waits to be written may have the same name.
    if (this.#retry !== undefined) throw full("it takes nothing at the moment");
    this.#sync(true);
    try {
      return statement.run(...values).lastInsertRowid;
    } catch (error) {
      this.#refusals.refused("a declaration", error, "its client is told");
      throw full(reasonOf(error));
    }
  }

  /** Whether the next commit reaches the disk before it returns. */
  #sync(on: boolean): void {
    if (on === this.#isSynced) return;
    this.database.exec(`PRAGMA synchronous = ${on ? "FULL" : "NORMAL"}`);
    this.#isSynced = on;
  }

  #transact<T>(work: () => T): T {
    this.database.exec("BEGIN");
    try {
      const result = work();
      this.database.exec("COMMIT");
      return result;
    } catch (error) {
      // Where the disk is full SQLite has already ended the transaction, and a second end would be an error.
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      throw error;
    }
  }
}

function full(reason: string): AmqpError {
  return new AmqpError("precondition_failed", `the broker's disk did not take it: ${reason}`);
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    saveExchange: sql("INSERT INTO exchange VALUES (?, ?, ?, ?, ?)"),
    deleteExchange: sql("DELETE FROM exchange WHERE name = ?"),
    saveQueue: sql("INSERT INTO queue (name, auto_delete, args) VALUES (?, ?, ?)"),
    deleteQueue: sql("DELETE FROM queue WHERE id = ?"),
    deleteQueueEntries: sql("DELETE FROM entry WHERE queue = ?"),
    deleteQueueMarks: sql("DELETE FROM delivered WHERE queue = ?"),
    saveBinding: sql("INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?)"),
    deleteBinding: sql("DELETE FROM binding WHERE source = ? AND identity = ?"),
    insertMessage: sql("INSERT INTO message VALUES (?, ?, ?, ?, ?)"),
    insertEntry: sql("INSERT INTO entry VALUES (?, ?, ?, ?)"),
    deleteEntries: sql("DELETE FROM entry WHERE queue = ? AND sequence BETWEEN ? AND ?"),
    deleteMessages: sql("DELETE FROM message WHERE id BETWEEN ? AND ?"),
    setDelivered: sql("INSERT OR REPLACE INTO delivered VALUES (?, ?, ?)"),
    load: sql("SELECT content FROM message WHERE id = ?"),
  };
}
