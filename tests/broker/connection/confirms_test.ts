import assert from "node:assert/strict";
import { Confirms } from "../../../runtime/broker/connection/confirms.ts";

/** Confirms, and what a client was told since it was last asked: `4*` acknowledges all up to 4, `-3` refuses 3. */
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

/** Commits when the test says so. */
const store = { whenCommitted() {} };

Deno.test("What was published since the last time is confirmed together", () => {
  const { told, publish } = setup();
  publish(1);
  assert.deepEqual(told(), ["1"]);
  publish(3);
  assert.deepEqual(told(), ["4*"]);
  assert.deepEqual(told(), []);
});

Deno.test("What waits for the store, and all behind it, is confirmed after the commit", () => {
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

Deno.test("What was told by itself is not told again", () => {
  const { confirms, told } = setup();
  confirms.waitFor(store, confirms.next());
  confirms.unroutable(confirms.next());
  assert.deepEqual(told(), ["2"]);
  confirms.committed();
  assert.deepEqual(told(), ["1"]);
  confirms.unroutable(confirms.next());
  assert.deepEqual(told(), ["3"]);
});

Deno.test("An unroutable message is confirmed behind those before it", () => {
  const { confirms, told, publish } = setup();
  publish(2);
  confirms.unroutable(confirms.next());
  assert.deepEqual(told(), ["2*", "3"]);
});

Deno.test("After the end nothing is confirmed", () => {
  const { confirms, told, publish } = setup();
  publish(2);
  confirms.end();
  confirms.committed();
  assert.deepEqual(told(), []);
});
