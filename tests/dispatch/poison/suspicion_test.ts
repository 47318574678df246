import assert from "node:assert/strict";
import type { Delivery } from "../../../runtime/core/ports/amqp.ts";
import { Suspicion } from "../../../runtime/dispatch/poison/suspicion.ts";

/** Takes deliveries in turn: `r` is redelivered, `.` is not. Returns `s` for each suspect. */
function ask(suspicion: Suspicion, deliveries: string): string {
  return [...deliveries].map((kind) => {
    const delivery = { redelivered: kind === "r", properties: {} } as Delivery;
    return suspicion.of(delivery) ? "s" : ".";
  }).join("");
}

Deno.test("A redelivered message is a suspect", () => {
  assert.equal(ask(new Suspicion(3), "rr.r..rrr"), "ss.s..sss");
});

Deno.test("At most as many redelivered messages in a row are suspects as a process could have had in flight", () => {
  assert.equal(ask(new Suspicion(3), "rrrrrrrr"), "sss.....");
});

Deno.test("After a message that is not redelivered, the count of suspects begins again", () => {
  assert.equal(ask(new Suspicion(2), "rrrr.rrrr"), "ss...ss..");
});

Deno.test("Messages that this runtime gave back itself are not suspects, until a new message comes", () => {
  const suspicion = new Suspicion(2);
  suspicion.clear();
  assert.equal(ask(suspicion, "rrr.rrr"), "....ss.");
});
