import assert from "node:assert/strict";
import { offsetArgument, parsePlace } from "../../../runtime/dispatch/stream/place.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("A kept place is an offset or a time, and anything else is none", () => {
  assert.deepEqual(parsePlace(bytes(`{"offset":7}`)), { offset: 7 });
  assert.deepEqual(parsePlace(bytes(`{"time":1700000000}`)), { time: 1_700_000_000 });
  for (
    const text of ["", "{", "null", "7", `{"offset":-1}`, `{"offset":"7"}`, `{"offset":1.5}`, `{"time":null}`]
  ) {
    assert.equal(parsePlace(bytes(text)), undefined, text);
  }
});

Deno.test("A place and a setting 'from' become the argument that brokers know", () => {
  assert.equal(offsetArgument({ offset: 7 }), 7);
  assert.equal(offsetArgument("first"), "first");
  assert.equal(offsetArgument(7), 7);
  assert.deepEqual(offsetArgument({ time: 5 }), { "!": "timestamp", value: 5 });
  assert.deepEqual(offsetArgument("1970-01-01T00:00:05.900Z"), { "!": "timestamp", value: 5 });
});
