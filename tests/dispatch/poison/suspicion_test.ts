import assert from "node:assert/strict";
import type { Delivery } from "../../../runtime/core/ports/amqp.ts";
import { Suspicion } from "../../../runtime/dispatch/poison/suspicion.ts";

/** Asks of deliveries in turn: `r` was delivered before, `.` was not. Gives `s` for each suspect. */
function ask(suspicion: Suspicion, deliveries: string): string {
  return [...deliveries].map((kind) => {
    const delivery = { redelivered: kind === "r", properties: {} } as Delivery;
    return suspicion.of(delivery) ? "s" : ".";
  }).join("");
}

Deno.test("A message that was delivered before is suspected", () => {
  assert.equal(ask(new Suspicion(3), "rr.r..rrr"), "ss.s..sss");
});

Deno.test("No more messages in a row are suspected than a process could have had in flight", () => {
  assert.equal(ask(new Suspicion(3), "rrrrrrrr"), "sss.....");
});

Deno.test("After a new message, as many again are suspected", () => {
  assert.equal(ask(new Suspicion(2), "rrrr.rrrr"), "ss...ss..");
});

Deno.test("What this process gave back itself is not suspected until a new message comes", () => {
  const suspicion = new Suspicion(2);
  suspicion.clear();
  assert.equal(ask(suspicion, "rrr.rrr"), "....ss.");
});
