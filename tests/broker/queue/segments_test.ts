import assert from "node:assert/strict";
import { encodeProperties } from "../../../runtime/amqp/properties.ts";
import { locate } from "../../../runtime/broker/protocol/traits.ts";
import { now } from "../../../runtime/broker/queue/clock.ts";
import { Entry, Message, originOf } from "../../../runtime/broker/queue/message.ts";
import { Segments } from "../../../runtime/broker/queue/segments.ts";

const properties = encodeProperties({});
const traits = locate(properties, 0, properties.length);

/** A message of 100 bytes that was published `ago` milliseconds ago. */
function entry(ago = 0): Entry {
  const size = 100 - properties.length;
  return new Entry(new Message(originOf("", "s"), traits, null, 0, properties.length, size), 1, now() - ago);
}

/** How many messages are forgotten after each that is added. */
function forgotten(segments: Segments, entries: readonly Entry[]): number[] {
  return entries.map((entry) => {
    segments.add(entry);
    return segments.takeOld();
  });
}

const times = (count: number, ago = 0) => Array.from({ length: count }, () => entry(ago));

Deno.test("What is above the size is forgotten by whole segments, each time that another begins", () => {
  const segments = new Segments({ segmentBytes: 200, maxBytes: 400 });
  assert.deepEqual(forgotten(segments, times(9)), [0, 0, 0, 0, 2, 0, 2, 0, 2]);
});

Deno.test("What is older than allowed is forgotten, but never the segment that is written", () => {
  const segments = new Segments({ segmentBytes: 200, maxAge: 1_000 });
  assert.deepEqual(forgotten(segments, [...times(3, 5_000), ...times(2)]), [0, 0, 2, 0, 0]);
});

Deno.test("Without limits nothing is forgotten", () => {
  const segments = new Segments({ segmentBytes: 200 });
  assert.deepEqual(forgotten(segments, times(9, 1e9)), Array(9).fill(0));
});
