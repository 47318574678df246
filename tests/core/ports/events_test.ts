import assert from "node:assert/strict";
import { createEvents, type Event } from "../../../runtime/core/ports/events.ts";

const notice = (message: string): Event => ({ event: "notice", message });

Deno.test("Every listener gets every event in order, until it is removed", () => {
  const { emit, on } = createEvents();
  const heard: [listener: string, event: Event][] = [];
  const removeA = on((event) => heard.push(["a", event]));
  on((event) => heard.push(["b", event]));

  emit(notice("1"));
  removeA();
  removeA();
  emit(notice("2"));

  assert.deepEqual(heard, [["a", notice("1")], ["b", notice("1")], ["b", notice("2")]]);
});

Deno.test("An event without listeners is dropped", () => {
  createEvents().emit(notice("to no one"));
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
