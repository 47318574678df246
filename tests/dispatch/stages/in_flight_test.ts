import assert from "node:assert/strict";
import type { Ended } from "../../../runtime/dispatch/delivery/ending.ts";
import { Run } from "../../../runtime/dispatch/delivery/run.ts";
import { InFlight, isSameBody } from "../../../runtime/dispatch/stages/in_flight.ts";
import { readDelivery } from "../../../runtime/dispatch/delivery/arrival.ts";
import { delivery, type TestDelivery } from "../../support/delivery.ts";

const origin = { queue: "orders", suspect: false, countsDeliveries: false };
const ended: Ended = { ending: { kind: "returned" }, attempt: 1, settled: true };

function runOf(one: TestDelivery): Run {
  const caller = { send: nobody, publish: nobody, call: nobody, cancel: nobody };
  const services = {
    caller,
    callerIn: () => caller,
    nextRunId: () => "r-1",
    log: () => {},
    settle: () => {},
    giveBack: () => false,
  };
  const arrived = readDelivery(one, origin, () => "none");
  const times = { arrivedAt: 0, readAt: 0, beginBy: Infinity, callerUntil: Infinity, expiry: undefined };
  return new Run({ delivery: one, origin, arrived, services, times, inSlot: true });
}

const nobody = () => Promise.reject(new Error("Nobody is called here"));
const message = (body: string, redelivered = false) =>
  delivery({ body, properties: { messageId: "m1" }, redelivered });

Deno.test("The end of an in-flight run is reported to those who ask during it and after it", () => {
  const run = runOf(message("1"));
  const inFlight = new InFlight();
  inFlight.add(run.key!, run);
  const told: Ended[] = [];
  const other = inFlight.other(run.key!, run.message.body);
  other?.onEnded((end) => told.push(end));
  run.end(ended);
  other?.onEnded((end) => told.push(end));

  assert.deepEqual(told, [ended, ended]);
});

Deno.test("Only a redelivery with the same id, body and queue belongs to an in-flight run", () => {
  const run = runOf(message("1"));
  const inFlight = new InFlight();
  inFlight.add(run.key!, run);

  assert.equal(inFlight.has(message("1", true), "orders"), true);
  assert.equal(inFlight.has(message("1"), "orders"), false);
  assert.equal(inFlight.has(message("2", true), "orders"), false);
  assert.equal(inFlight.has(message("1", true), "invoices"), false);
  assert.equal(inFlight.has(delivery({ body: "1", redelivered: true }), "orders"), false);
  run.end(ended);
  assert.equal(inFlight.has(message("1", true), "orders"), false);
});

Deno.test("Two messages with one id are the same only if their bodies are equal", () => {
  const body = new Uint8Array([1, 2]);
  assert.ok(isSameBody(body, new Uint8Array([1, 2])));
  assert.ok(!isSameBody(body, new Uint8Array([1, 3])));
  assert.ok(!isSameBody(body, new Uint8Array([1])));
});
