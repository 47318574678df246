import assert from "node:assert/strict";
import { Confirms } from "../../../runtime/broker/connection/confirms.ts";

/** Confirms, and what was sent since the last call: `4*` acknowledges all up to 4, and `-3` refuses 3. */
function setup() {
  const said: string[] = [];
  const confirms = new Confirms({
    ack: (sequence, multiple) => said.push(`${sequence}${multiple ? "*" : ""}`),
    nack: (sequence) => said.push(`-${sequence}`),
    soon: () => {},
  });
  return {
    confirms,
    told: () => {
      confirms.flush();
      return said.splice(0);
    },
    publish: (count: number) => {
      for (let i = 0; i < count; i++) confirms.next();
    },
  };
}

/** A store whose commit the test decides. */
const store = { whenCommitted() {} };

Deno.test("Messages since the last confirm are confirmed together", () => {
  const { told, publish } = setup();
  publish(1);
  assert.deepEqual(told(), ["1"]);
  publish(3);
  assert.deepEqual(told(), ["4*"]);
  assert.deepEqual(told(), []);
});

Deno.test("A message that waits for the store, and all behind it, are confirmed after the commit", () => {
  const { confirms, told, publish } = setup();
  publish(2);
  confirms.waitFor(store, confirms.next());
  publish(2);
  assert.deepEqual(told(), ["2*"]);
  confirms.committed();
  assert.deepEqual(told(), ["5*"]);
});

Deno.test("A refused publish is never confirmed", () => {
  const { confirms, told, publish } = setup();
  publish(2);
  confirms.refused(2);
  assert.deepEqual(told(), ["-2", "1"]);
  publish(1);
  confirms.refused(3);
  assert.deepEqual(told(), ["-3"]);
  publish(1);
  assert.deepEqual(told(), ["4"]);
});

Deno.test("A message that was confirmed by itself is not confirmed again", () => {
  const { confirms, told } = setup();
  confirms.waitFor(store, confirms.next());
  confirms.unroutable(confirms.next());
  assert.deepEqual(told(), ["2"]);
  confirms.committed();
  assert.deepEqual(told(), ["1"]);
  confirms.unroutable(confirms.next());
  assert.deepEqual(told(), ["3"]);
});

Deno.test("An unroutable message is confirmed after those before it", () => {
  const { confirms, told, publish } = setup();
  publish(2);
  confirms.unroutable(confirms.next());
  assert.deepEqual(told(), ["2*", "3"]);
});

Deno.test("After the channel has ended nothing is confirmed", () => {
  const { confirms, told, publish } = setup();
  publish(2);
  confirms.end();
  confirms.committed();
  assert.deepEqual(told(), []);
});
