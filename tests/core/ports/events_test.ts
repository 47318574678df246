import assert from "node:assert/strict";
import { createEvents } from "../../../runtime/core/ports/events.ts";

Deno.test("Each listener gets each event until it is removed", () => {
  const events = createEvents();
  const heard: string[] = [];
  const off = events.on(({ event }) => heard.push(`one ${event}`));
  events.on(({ event }) => heard.push(`two ${event}`));

  events.emit({ event: "draining", inFlight: 1 });
  off();
  events.emit({ event: "draining", inFlight: 0 });
  assert.deepEqual(heard, ["one draining", "two draining", "two draining"]);
});

Deno.test("A listener that throws keeps nothing from the others, and is reported as an uncaught error", () => {
  const events = createEvents();
  const fault = new Error("This observer is broken");
  const reported: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
    events.emit({ event: "notice", message: "An observer is broken" });
  };
  globalThis.addEventListener("error", onError);
  const heard: string[] = [];
  events.on(() => {
    throw fault;
  });
  events.on(({ event }) => heard.push(event));

  events.emit({ event: "draining", inFlight: 1 });
  globalThis.removeEventListener("error", onError);
  assert.deepEqual(heard, ["notice", "draining"]);
  assert.deepEqual(reported, [fault]);
});
