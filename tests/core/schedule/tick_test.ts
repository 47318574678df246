import assert from "node:assert/strict";
import { dueIn, dueTick, manualTick, tickSchema } from "../../../runtime/core/schedule/tick.ts";

const at = Date.parse("2026-11-29T03:00:00Z");
const overWire = (value: unknown) => JSON.parse(JSON.stringify(value));
const read = async (value: unknown) => await tickSchema["~standard"].validate(overWire(value));

Deno.test("A handler gets the times of its tick as dates", async () => {
  assert.deepEqual(await read(dueTick(at, undefined, "r")), { value: { at: new Date(at), manual: false } });
  assert.deepEqual(await read(dueTick(at, at - 1, "r")), {
    value: { at: new Date(at), previous: new Date(at - 1), manual: false },
  });
  assert.deepEqual(await read(manualTick(at)), { value: { at: new Date(at), manual: true } });
});

Deno.test("What is no tick is refused, and the error shows one", async () => {
  for (const value of [null, 7, "tick", {}, { at: "never", manual: true }, { at: "2026-11-29T03:00:00Z" }]) {
    const { issues } = await read(value);
    assert.match(issues?.[0]?.message ?? "", /^Expected a tick, such as \{ "at": /);
  }
});

Deno.test("Only a tick that was due has a time to be late for", () => {
  const body = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  assert.equal(dueIn(body(dueTick(at, undefined, "r"))), at);
  assert.equal(dueIn(body(manualTick(at))), undefined);
  assert.equal(dueIn(body("tick")), undefined);
});
