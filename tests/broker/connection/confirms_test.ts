import assert from "node:assert/strict";
import { Confirms } from "../../../runtime/broker/connection/confirms.ts";

function told(confirms: Confirms): string[] {
  const acks: string[] = [];
  confirms.flush((sequence, multiple) => acks.push(`${sequence}${multiple ? "*" : ""}`));
  return acks;
}

function publish(confirms: Confirms, count: number): void {
  for (let i = 0; i < count; i++) confirms.next();
}

Deno.test("What was published since the last time is confirmed together", () => {
  const confirms = new Confirms();
  publish(confirms, 1);
  assert.deepEqual(told(confirms), ["1"]);
  publish(confirms, 3);
  assert.deepEqual(told(confirms), ["4*"]);
  assert.deepEqual(told(confirms), []);
});

Deno.test("What waits for the store, and all behind it, is confirmed after the commit", () => {
  const confirms = new Confirms();
  publish(confirms, 2);
  confirms.wait(confirms.next());
  publish(confirms, 2);
  assert.deepEqual(told(confirms), ["2*"]);
  confirms.committed();
  assert.deepEqual(told(confirms), ["5*"]);
});

Deno.test("A refused publish is never confirmed", () => {
  const confirms = new Confirms();
  publish(confirms, 2);
  confirms.settled(2);
  assert.deepEqual(told(confirms), ["1"]);
  publish(confirms, 1);
  confirms.settled(3);
  assert.deepEqual(told(confirms), []);
  publish(confirms, 1);
  assert.deepEqual(told(confirms), ["4"]);
});

Deno.test("What was told by itself is not told again", () => {
  const confirms = new Confirms();
  confirms.wait(confirms.next());
  confirms.settled(confirms.next());
  assert.deepEqual(told(confirms), []);
  confirms.committed();
  assert.deepEqual(told(confirms), ["1"]);
  confirms.settled(confirms.next());
  assert.deepEqual(told(confirms), []);
});
