import { Buffer } from "node:buffer";
import type { DatabaseSync } from "node:sqlite";
import { bindingOf } from "../exchange/binding.ts";
import { Exchange, type ExchangeType } from "../exchange/exchange.ts";
import { locate, sameTraits, type Traits } from "../protocol/traits.ts";
import { Reader } from "../../amqp/reader.ts";
import { settingsOf } from "../queue/arguments.ts";
import { ttlOf } from "../queue/bounds.ts";
import { fromWallClock, pastFromWallClock } from "../queue/clock.ts";
import { Entry, Message, type Origin, originOf } from "../queue/message.ts";
import { newQueue } from "../queue/new_queue.ts";
import type { Queue } from "../queue/queue.ts";
import { nameFromBytes, tableFromBytes } from "./schema.ts";
import type { Restorable } from "./store.ts";

interface ExchangeRow {
  name: Uint8Array;
  type: ExchangeType;
  auto_delete: number;
  internal: number;
  args: Uint8Array;
}

interface QueueRow {
  id: number;
  name: Uint8Array;
  auto_delete: number;
  args: Uint8Array;
}

interface BindingRow {
  source: Uint8Array;
  destination: Uint8Array;
  key: Uint8Array;
  kind: "queue" | "exchange";
  args: Uint8Array;
}

interface EntryRow {
  queue: number;
  sequence: number;
  expires_at: number;
  id: number;
  envelope: Uint8Array;
  copies: string | null;
  properties: Uint8Array;
  size: number;
}

/** Puts exchanges, queues and bindings back into the virtual host. Returns the queues by their rows. */
export function recoverTopology(database: DatabaseSync, vhost: Restorable): ReadonlyMap<number, Queue> {
  for (const row of rowsOf<ExchangeRow>(database, "SELECT * FROM exchange")) {
    const { type, args } = row;
    const name = nameFromBytes(row.name);
    vhost.restoreExchange(
      new Exchange(name, type, true, !!row.auto_delete, !!row.internal, tableFromBytes(args)),
    );
  }
  const queues = new Map<number, Queue>();
  for (const row of rowsOf<QueueRow>(database, "SELECT * FROM queue")) {
    const queue = recoverQueue(row, vhost);
    queues.set(row.id, queue);
    vhost.restoreQueue(queue);
  }
  for (const row of rowsOf<BindingRow>(database, "SELECT * FROM binding")) {
    const { kind } = row;
    const [from, to, key] = [row.source, row.destination, row.key].map(nameFromBytes) as [
      string,
      string,
      string,
    ];
    const source = vhost.exchanges.get(from);
    const destination = (kind === "queue" ? vhost.queues : vhost.exchanges).get(to);
    if (!source || !destination) continue;
    vhost.restoreBinding(bindingOf(source, destination, key, tableFromBytes(row.args), vhost.profile));
  }
  return queues;
}

/** Puts the messages back into their queues, by the rows of these. Properties and bodies stay in the database. */
export function recoverMessages(database: DatabaseSync, queues: ReadonlyMap<number, Queue>): void {
  database.exec("DELETE FROM message WHERE id NOT IN (SELECT message FROM entry)");
  recoverEntries(rowsOf<EntryRow>(database, selectEntries), queues, deliveredMarks(database));
  for (const queue of queues.values()) queue.pump();
}

function rowsOf<Row>(database: DatabaseSync, sql: string): Iterable<Row> {
  return database.prepare(sql).iterate() as Iterable<Row>;
}

const selectEntries = `
  SELECT entry.queue, entry.sequence, entry.expires_at, message.id, message.envelope,
    message.copies, message.properties_size,
    substr(message.content, 1, message.properties_size) AS properties, length(message.content) AS size
  FROM entry JOIN message ON message.id = entry.message ORDER BY entry.queue, entry.sequence`;

function recoverQueue(row: QueueRow, vhost: Restorable): Queue {
  const name = nameFromBytes(row.name);
  const args = tableFromBytes(row.args);
  const autoDelete = !!row.auto_delete;
  const settings = settingsOf(args, vhost.profile);
  return newQueue({ name, durable: true, autoDelete, owner: undefined, args, settings }, vhost);
}

/** The last sequence number that each queue delivered, by priority. */
type DeliveredMarks = ReadonlyMap<string, number>;
const markOf = (queue: number, priority: number) => `${queue}.${priority}`;

function deliveredMarks(database: DatabaseSync): DeliveredMarks {
  const rows = database.prepare("SELECT * FROM delivered").all() as unknown as {
    queue: number;
    priority: number;
    sequence: number;
  }[];
  return new Map(rows.map(({ queue, priority, sequence }) => [markOf(queue, priority), sequence]));
}

function recoverEntries(
  rows: Iterable<EntryRow>,
  queues: ReadonlyMap<number, Queue>,
  marks: DeliveredMarks,
): void {
  const messages = new Map<number, Message>();
  const origins = new Map<string, Origin>();
  let last: Traits | undefined;
  for (const row of rows) {
    const queue = queues.get(row.queue);
    if (!queue) continue;
    let message = messages.get(row.id);
    if (!message) {
      const { properties, size } = row;
      const traits = locate(Buffer.from(properties), 0, properties.length);
      last = last && sameTraits(last, traits) ? last : traits;
      const bodySize = size - properties.length;
      // The database does not say which are dead letters; few others have an x-death that a publisher wrote.
      const isDeadLetter = true;
      const origin = recoverOrigin(row, origins);
      message = new Message(origin, last, null, 0, properties.length, bodySize, isDeadLetter);
      message.numbered(row.id);
      messages.set(row.id, message);
    }
    const entry = new Entry(message, row.sequence, timeOf(queue, message, row.expires_at));
    entry.enterStore();
    entry.written();
    const mark = marks.get(markOf(row.queue, queue.priorityOf(entry))) ?? 0;
    if (row.sequence <= mark) entry.returned(true);
    queue.recover(entry);
  }
}

/** When an entry expires; in a stream, when it was published. */
function timeOf({ settings }: Queue, message: Message, wall: number): number {
  if (settings.type === "stream") return pastFromWallClock(wall);
  const ttl = ttlOf(settings, message);
  return ttl === undefined ? 0 : fromWallClock(wall, ttl);
}

function recoverOrigin({ envelope, copies }: EntryRow, known: Map<string, Origin>): Origin {
  const bytes = Buffer.from(envelope);
  const name = bytes.toString("latin1") + (copies ?? "");
  let origin = known.get(name);
  if (!origin) {
    const fields = new Reader(bytes, 0, bytes.length);
    const more = copies === null ? [] : JSON.parse(copies) as string[];
    known.set(name, origin = originOf(fields.shortString(), fields.shortString(), more));
  }
  return origin;
}
