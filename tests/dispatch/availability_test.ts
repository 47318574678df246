import assert from "node:assert/strict";
import type { Event } from "../../runtime/core/ports/events.ts";
import { resolve } from "../../runtime/core/settings/settings.ts";
import { Availability } from "../../runtime/dispatch/availability.ts";

/** A function whose process starts at the try with this number, and not before. */
function startsAt(tries: number, settings = resolve({ pause: { probe: 1, most: 4 } })) {
  const events: Event[] = [];
  let tried = 0;
  const prepare = () => ++tried < tries ? Promise.reject(new Error(`No ${tried}`)) : Promise.resolve();
  const emit = (event: Event) => void events.push(event);
  const availability = new Availability({ function: "orders", settings, host: { prepare }, emit });
  return { availability, events, tried: () => tried };
}

Deno.test("A function that could not be started is tried again after growing waits, until it starts", async () => {
  const { availability, events, tried } = startsAt(6);
  await assert.rejects(availability.prepare(), new Error("No 1"));
  assert.equal(availability.trouble, "No 1");
  assert.equal(await availability.recovered(), true);

  assert.equal(tried(), 6);
  assert.equal(availability.trouble, undefined);
  const said = events.map((event) => event.event === "unavailable" ? event.error : event.event);
  assert.deepEqual(said, ["No 1", "No 2", "No 3", "No 4", "No 5", "available"]);
  const waits = events.flatMap((event) => event.event === "unavailable" ? [event.retryMs] : []);
  assert.ok(waits[0]! <= 1 && waits.every((ms) => ms <= 4), `${waits}`);
  await availability.prepare();
});

Deno.test("While a function waits for its next try, a request to start it gets the latest error", async () => {
  const { availability, tried } = startsAt(2, resolve({ pause: false }));
  await assert.rejects(availability.prepare());
  await assert.rejects(availability.prepare(), new Error("No 1"));
  availability.lost(new Error("Another"));
  assert.equal(availability.trouble, "No 1");
  assert.equal(tried(), 1);
  availability.close();
});

Deno.test("When a function is closed, its start is not tried again, and a wait for it ends", async () => {
  const { availability, tried } = startsAt(9, resolve({ pause: { probe: 60_000 } }));
  const { turned } = availability;
  availability.lost(new Error("No process"));
  await turned;
  const recovered = availability.recovered();
  availability.close();
  assert.equal(await recovered, false);
  assert.equal(tried(), 0);
});
