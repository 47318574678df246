import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeProperties } from "../../../runtime/amqp/properties.ts";
import { locate } from "../../../runtime/broker/protocol/traits.ts";
import { Entry, Message, originOf } from "../../../runtime/broker/queue/message.ts";
import type { Queue } from "../../../runtime/broker/queue/queue.ts";
import { Journal, type Tables } from "../../../runtime/broker/store/journal.ts";

/** Records what a journal writes, as words. */
class Recorder implements Tables {
  readonly done: string[] = [];
  #id = 0;
  insertMessage(message: Message) {
    message.numbered(++this.#id);
    this.done.push(`message ${message.row}`);
  }
  insertEntry = (queue: Queue, entry: Entry) => void this.done.push(`${queue.name} ${entry.sequence}`);
  deleteEntries = (queue: Queue, first: number, last: number) =>
    void this.done.push(`-${queue.name} ${first}..${last}`);
  deleteMessages = (first: number, last: number) => void this.done.push(`-message ${first}..${last}`);
  setDelivered = (queue: Queue, priority: number, sequence: number) =>
    void this.done.push(`${queue.name} delivered ${priority}:${sequence}`);
}

const queueNamed = (name: string) => ({ name, deleted: false, priorityOf: () => 0 }) as unknown as Queue;
const properties = encodeProperties({ deliveryMode: 2 });
const traits = locate(properties, 0, properties.length);
const message = () =>
  new Message(originOf("", "q"), traits, Buffer.from(properties), 0, properties.length, 0);

function write(journal: Journal, tables: Recorder): string[] {
  journal.write(tables);
  journal.written();
  return tables.done.splice(0);
}

Deno.test("A message is written once, with an entry for each queue", () => {
  const journal = new Journal(), shared = message();
  journal.insert(queueNamed("a"), new Entry(shared, 1, 0));
  journal.insert(queueNamed("b"), new Entry(shared, 7, 0));
  assert.deepEqual(write(journal, new Recorder()), ["message 1", "a 1", "b 7"]);
});

Deno.test("A message that was settled before it was written is never written", () => {
  const journal = new Journal(), queue = queueNamed("a"), entry = new Entry(message(), 1, 0);
  journal.insert(queue, entry);
  journal.delivered(queue, entry);
  journal.remove(queue, entry);
  assert.deepEqual(write(journal, new Recorder()).filter((line) => !line.includes("delivered")), []);
});

Deno.test("Consecutive settled entries are one deletion, and a message is deleted with its last entry", () => {
  const journal = new Journal(), tables = new Recorder(), [a, b] = [queueNamed("a"), queueNamed("b")];
  const messages = [message(), message()];
  const inA = messages.map((each, i) => new Entry(each, i + 1, 0));
  const inB = new Entry(messages[1]!, 1, 0);
  for (const entry of inA) journal.insert(a, entry);
  journal.insert(b, inB);
  write(journal, tables);
  for (const entry of inA) journal.remove(a, entry);
  assert.deepEqual(write(journal, tables), ["-a 1..2", "-message 1..1"]);
  journal.remove(b, inB);
  assert.deepEqual(write(journal, tables), ["-b 1..1", "-message 2..2"]);
});

Deno.test("How far a queue was delivered is written as one number", () => {
  const journal = new Journal(), tables = new Recorder(), queue = queueNamed("a");
  const entries = [1, 2, 3].map((sequence) => new Entry(message(), sequence, 0));
  for (const entry of entries) journal.insert(queue, entry);
  write(journal, tables);
  for (const entry of [entries[2]!, entries[0]!]) journal.delivered(queue, entry);
  assert.deepEqual(write(journal, tables), ["a delivered 0:3"]);
});

Deno.test("After a failed write the same changes are written the next time", () => {
  const journal = new Journal(), queue = queueNamed("a"), tables = new Recorder();
  const [stored, fresh] = [new Entry(message(), 1, 0), new Entry(message(), 2, 0)];
  journal.insert(queue, stored);
  write(journal, tables);
  journal.insert(queue, fresh);
  journal.remove(queue, stored);
  journal.delete(() => tables.done.push("deletion"));
  journal.delivered(queue, fresh);

  journal.write(tables);
  journal.failed();
  assert.equal(journal.isEmpty, false);
  assert.equal(journal.contents, "1 new message, 1 settled message, 1 deletion");
  const [first] = [tables.done.splice(0)];

  assert.deepEqual(first, ["-a 1..1", "-message 1..1", "message 2", "a 2", "a delivered 0:2", "deletion"]);
  assert.deepEqual(write(journal, tables), first.map((line) => line === "message 2" ? "message 3" : line));
  assert.ok(journal.isEmpty);
  assert.equal(fresh.stored, "yes");
});

Deno.test("A message that is settled after its write failed is never written", () => {
  const journal = new Journal(), queue = queueNamed("a"), entry = new Entry(message(), 1, 0);
  journal.insert(queue, entry);
  journal.write(new Recorder());
  journal.failed();
  journal.remove(queue, entry);

  assert.deepEqual(write(journal, new Recorder()), []);
});
