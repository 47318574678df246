import { Buffer } from "node:buffer";
import type { DatabaseSync } from "node:sqlite";
import { Exchange, type ExchangeType } from "../exchange/exchange.ts";
import { locate, sameTraits, type Traits } from "../protocol/traits.ts";
import { Reader } from "../../amqp/reader.ts";
import { settingsOf } from "../queue/arguments.ts";
import { ttlOf } from "../queue/bounds.ts";
import { fromWallClock } from "../queue/clock.ts";
import { Entry, Message, type Origin, originOf, Stored } from "../queue/message.ts";
import { Queue } from "../queue/queue.ts";
import { newBinding } from "../vhost/bindings.ts";
import type { VirtualHost } from "../vhost/vhost.ts";
import { nameFromBytes, tableFromBytes } from "./schema.ts";

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

/** Puts back into the virtual host what the store kept. */
export function recover(database: DatabaseSync, vhost: VirtualHost): void {
  const rows = <T>(sql: string) => database.prepare(sql).iterate() as Iterable<T>;
  for (const row of rows<ExchangeRow>("SELECT * FROM exchange")) {
    const { type, args } = row;
    const name = nameFromBytes(row.name);
    const exchange = new Exchange(name, type, true, !!row.auto_delete, !!row.internal, tableFromBytes(args));
    vhost.exchanges.set(name, exchange);
  }
  const queues = new Map<number, Queue>();
  for (const row of rows<QueueRow>("SELECT * FROM queue")) {
    const queue = recoverQueue(row, vhost);
    queues.set(row.id, queue);
    vhost.queues.set(queue.name, queue);
  }
  for (const row of rows<BindingRow>("SELECT * FROM binding")) {
    const { kind } = row;
    const [from, to, key] = [row.source, row.destination, row.key].map(nameFromBytes) as [
      string,
      string,
      string,
    ];
    const source = vhost.exchanges.get(from);
    const destination = (kind === "queue" ? vhost.queues : vhost.exchanges).get(to);
    if (!source || !destination) continue;
    const args = tableFromBytes(row.args);
    vhost.attach(newBinding(source, destination, { kind, source: from, destination: to, key, args }));
  }
  database.exec("DELETE FROM message WHERE id NOT IN (SELECT message FROM entry)");
  recoverEntries(rows<EntryRow>(ENTRIES), queues, deliveredMarks(database));
}

const ENTRIES = `
  SELECT entry.queue, entry.sequence, entry.expires_at, message.id, message.envelope,
    message.copies, message.properties_size,
    substr(message.content, 1, message.properties_size) AS properties, length(message.content) AS size
  FROM entry JOIN message ON message.id = entry.message ORDER BY entry.queue, entry.sequence`;

function recoverQueue(row: QueueRow, vhost: VirtualHost): Queue {
  const name = nameFromBytes(row.name);
  const args = tableFromBytes(row.args);
  const autoDelete = !!row.auto_delete;
  const settings = settingsOf(args, vhost.profile);
  const queue = new Queue({ name, durable: true, autoDelete, owner: undefined, args, settings }, vhost);
  queue.id = row.id;
  return queue;
}

type RunMarkers = ReadonlyMap<string, number>;
const markOf = (queue: number, priority: number) => `${queue}.${priority}`;

function deliveredMarks(database: DatabaseSync): RunMarkers {
  const rows = database.prepare("SELECT * FROM delivered").all() as unknown as {
    queue: number;
    priority: number;
    sequence: number;
  }[];
  return new Map(rows.map(({ queue, priority, sequence }) => [markOf(queue, priority), sequence]));
}

/** Properties and bodies stay where they are until they are delivered. */
function recoverEntries(
  rows: Iterable<EntryRow>,
  queues: ReadonlyMap<number, Queue>,
  marks: RunMarkers,
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
      message = new Message(recoverOrigin(row, origins), last, null, 0, properties.length, bodySize);
      message.id = row.id;
      // Nobody has written down which they are; those that came with such headers are few.
      message.died = true;
      messages.set(row.id, message);
    }
    const ttl = ttlOf(queue.settings, message);
    const expiresAt = ttl === undefined ? 0 : fromWallClock(row.expires_at, ttl);
    const entry = new Entry(message, row.sequence, expiresAt);
    entry.stored = Stored.Yes;
    const mark = marks.get(markOf(row.queue, queue.priorityOf(entry))) ?? 0;
    if (row.sequence <= mark) entry.returns = entry.failures = 1;
    message.stored++;
    queue.recover(entry);
  }
  for (const queue of queues.values()) queue.pump();
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
