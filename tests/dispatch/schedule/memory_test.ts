import assert from "node:assert/strict";
import type { Delivery } from "../../../runtime/core/ports/amqp.ts";
import { Memory } from "../../../runtime/dispatch/schedule/memory.ts";
import { type LastTick, lastTickBody } from "../../../runtime/dispatch/schedule/last_tick.ts";

/** A message of a schedule's queue that notes in `acked` when it is acknowledged. */
function message(acked: string[], name: string, content: LastTick | string): Delivery {
  const text = typeof content === "string" ? content : JSON.stringify(lastTickBody(content));
  const body = new TextEncoder().encode(text);
  return { body, ack: () => acked.push(name) } as Partial<Delivery> as Delivery;
}

const tick = (at: number): LastTick => ({ at, recurrence: "r" });

Deno.test("Of all messages in the schedule's queue, the one that counts most stays unacknowledged", () => {
  const acked: string[] = [];
  const memory = new Memory();
  memory.take(message(acked, "beginning", { ...tick(5), beginning: true }));
  memory.take(message(acked, "second", tick(2)));
  memory.take(message(acked, "first", tick(1)));
  memory.take(message(acked, "foreign", "not a tick"));
  memory.take(message(acked, "third", tick(3)));

  assert.deepEqual(acked, ["beginning", "first", "foreign", "second"]);
  assert.equal(memory.last?.at, 3);
});

Deno.test("A message that is no last tick does not make this runtime the one that sends", async () => {
  const memory = new Memory();
  let came = false;
  memory.came.then(() => came = true);
  memory.take(message([], "foreign", "not a tick"));
  await Promise.resolve();
  assert.equal(came, false);

  memory.take(message([], "tick", tick(1)));
  await memory.came;
});
