import assert from "node:assert/strict";
import { readTraceparent, traceContextIn } from "../../runtime/core/ports/trace.ts";

const id = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";
const valid = `00-${id}-${span}-01`;

Deno.test("The parts of a traceparent are read, also of a later version", () => {
  assert.deepEqual(readTraceparent(valid), { traceId: id, spanId: span, flags: 1 });
  assert.deepEqual(readTraceparent(`cc-${id}-${span}-00-more`), { traceId: id, spanId: span, flags: 0 });
});

Deno.test("What is no traceparent is none", () => {
  const wrong = [
    undefined,
    7,
    "",
    `ff-${id}-${span}-01`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${id}-${"0".repeat(16)}-01`,
    `00-${id.toUpperCase()}-${span}-01`,
    `00-${id}-${span}-01x`,
    `00-${id}-${span}`,
  ];
  for (const text of wrong) assert.equal(readTraceparent(text), undefined, `${text}`);
});

Deno.test("A message's state of the trace is kept only beside a traceparent, and up to 512 characters", () => {
  const context = (headers: Record<string, unknown>) => traceContextIn({ get: (name) => headers[name] });
  assert.deepEqual(context({ traceparent: valid, tracestate: "a=1" }), {
    traceparent: valid,
    tracestate: "a=1",
  });
  assert.deepEqual(context({ traceparent: valid, tracestate: "a".repeat(513) }), { traceparent: valid });
  assert.deepEqual(context({ traceparent: valid, tracestate: 7 }), { traceparent: valid });
  assert.equal(context({ traceparent: "wrong", tracestate: "a=1" }), undefined);
  assert.equal(context({}), undefined);
});
