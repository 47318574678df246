import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeProperties } from "../../../runtime/amqp/properties.ts";
import { locate } from "../../../runtime/broker/protocol/traits.ts";
import { Entry, Message, originOf } from "../../../runtime/broker/queue/message.ts";
import { Ready } from "../../../runtime/broker/queue/ready.ts";

function entry(sequence: number, priority = 0, size = 10): Entry {
  const properties = encodeProperties({ priority });
  const traits = locate(properties, 0, properties.length);
  const data = Buffer.concat([properties, Buffer.alloc(size)]);
  return new Entry(new Message(originOf("", "q"), traits, data, 0, properties.length, size), sequence, 0);
}

function takeAll(ready: Ready): number[] {
  const sequences: number[] = [];
  for (let next = ready.shift(); next; next = ready.shift()) sequences.push(next.sequence);
  return sequences;
}

Deno.test("Messages leave a queue by priority, and in order within one priority", () => {
  const ready = new Ready(5);
  for (const [sequence, priority] of [[1, 0], [2, 5], [3, 1], [4, 5], [5, 0]] as const) {
    ready.push(entry(sequence, priority));
  }
  assert.deepEqual(takeAll(ready), [2, 4, 3, 1, 5]);
});

Deno.test("A priority above the maximum counts as the maximum", () => {
  const ready = new Ready(3);
  ready.push(entry(1, 3));
  ready.push(entry(2, 200));
  assert.deepEqual(takeAll(ready), [1, 2]);
});

Deno.test("A returned message goes back to its place", () => {
  const ready = new Ready(0);
  const all = [1, 2, 3, 4, 5].map((sequence) => entry(sequence));
  all.forEach((each) => ready.push(each));
  for (let i = 0; i < 3; i++) ready.shift();
  ready.restore(all[1]!);
  ready.restore(all[0]!);
  ready.restore(all[2]!);
  assert.deepEqual(takeAll(ready), [1, 2, 3, 4, 5]);
});

Deno.test("A queue counts the bytes of its waiting messages", () => {
  const ready = new Ready(0);
  ready.push(entry(1, 0, 100));
  ready.push(entry(2, 0, 20));
  assert.equal(ready.bytes, 120);
  ready.shift();
  assert.equal(ready.bytes, 20);
  ready.clear();
  assert.deepEqual([ready.bytes, ready.length], [0, 0]);
});
