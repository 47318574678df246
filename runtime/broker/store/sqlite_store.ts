import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Binding, Exchange } from "../exchange/exchange.ts";
import { AmqpError, DiskTrouble } from "../errors.ts";
import type { Alarms } from "../alarms.ts";
import type { Memory } from "../memory.ts";
import { toWallClock } from "../queue/clock.ts";
import { type Entry, type Message, Stored } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import type { VirtualHost } from "../vhost/vhost.ts";
import { recover } from "./recover.ts";
import { Journal, type Tables } from "./journal.ts";
import { reasonOf, Refusals } from "./refusals.ts";
import { databasePath, nameToBytes, openDatabase, tableToBytes } from "./schema.ts";
import type { Store, Waiter } from "./store.ts";

/** ms until a disk that did not take a commit is asked again. */
const RETRY = 1_000;

/**
 * Keeps durable things in an SQLite database.
 *
 * Publishes and answers gather in a journal, and one setImmediate a turn of the event loop commits them; only then
 * their publishers are told. A commit somebody waits for is synced to the disk. One nobody waits for is in the hands
 * of the operating system, which a killed process does not take with it.
 *
 * What the disk does not take stays in the journal, and is tried again: publishers wait for their confirms, and no
 * acknowledgement is forgotten.
 */
export class SqliteStore implements Store, Tables {
  readonly database: DatabaseSync;
  readonly #journal = new Journal();
  readonly #statements: ReturnType<typeof prepare>;
  #waiters = new Set<Waiter>();
  readonly #refusals: Refusals;
  #scheduled: ReturnType<typeof setImmediate> | undefined;
  /** Set while the disk takes nothing. */
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isSynced = true;
  #nextMessage: number;

  /**
   * @param resident bytes of stored messages that may stay in memory too
   * @param alarms raised while the disk does not take a commit
   * @param report told what it does not take, and when it does again
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

  recover(vhost: VirtualHost): void {
    recover(this.database, vhost);
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
    queue.id = Number(
      this.#run(this.#statements.saveQueue, nameToBytes(name), +autoDelete, tableToBytes(args)),
    );
  }

  deleteQueue({ id }: Queue): void {
    this.#delete(() => {
      this.#statements.deleteQueue.run(id);
      this.#statements.deleteQueueEntries.run(id);
      this.#statements.deleteQueueMarks.run(id);
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
    if (entry.stored === Stored.No) return;
    this.#journal.delivered(queue, entry);
    this.#schedule();
  }

  load(message: Message): Buffer {
    const row = this.#statements.load.get(message.id) as { content: Uint8Array } | undefined;
    if (!row) throw new Error(`Message ${message.id} is not in the store`);
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
          `Stopped while the disk took nothing: ${lost} not written; what was new is lost, what was settled comes again`,
        ),
      );
    }
    clearTimeout(this.#retry);
    this.database.close();
  }

  insertMessage(message: Message): void {
    const { origin, data, start, propertiesSize, size } = message;
    message.id = this.#nextMessage++;
    const content = data!.subarray(start, start + propertiesSize + size);
    const copies = origin.keys.length === 1 ? null : JSON.stringify(origin.keys.slice(1));
    this.#statements.insertMessage.run(message.id, origin.envelope, copies, propertiesSize, content);
  }

  insertEntry({ id }: Queue, { sequence, message, expiresAt }: Entry): void {
    const wall = expiresAt === 0 ? 0 : toWallClock(expiresAt);
    this.#statements.insertEntry.run(id, sequence, message.id, wall);
  }

  deleteEntries({ id }: Queue, first: number, last: number): void {
    this.#statements.deleteEntries.run(id, first, last);
  }

  deleteMessages(first: number, last: number): void {
    this.#statements.deleteMessages.run(first, last);
  }

  setDelivered({ id }: Queue, priority: number, sequence: number): void {
    this.#statements.setDelivered.run(id, priority, sequence);
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
    if (this.#retry !== undefined) this.#takes();
    return true;
  }

  #refused(error: unknown): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.commit(), RETRY);
    this.alarms.set("disk", true);
    this.#refusals.refused(
      this.#journal.contents,
      error,
      "they are kept in memory, publishers wait, and the disk is asked again every second",
    );
  }

  #takes(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.alarms.set("disk", false);
    this.#refusals.taken();
  }

  /** A deletion cannot be refused, for it may be the broker's own: where the disk does not take it, it is done later. */
  #delete(work: () => void): void {
    this.#journal.delete(work);
    if (this.#retry === undefined) this.#commit(true);
  }

  /** Throws 406 where the disk does not take it: the channel that asked hears of it, and nobody else. */
  #run(statement: StatementSync, ...values: (string | number | Uint8Array)[]): number | bigint {
    // A deletion that waits to be written may be of the same name.
    if (this.#retry !== undefined) throw full("it takes nothing at the moment");
    this.#sync(true);
    try {
      return statement.run(...values).lastInsertRowid;
    } catch (error) {
      this.#refusals.refused("a declaration", error, "whoever declared it is told");
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
      // SQLite has ended the transaction itself where the disk is full, and would complain of another end.
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
