import assert from "node:assert/strict";
import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import { inTrace, type Place } from "../../runtime/client/in_trace.ts";
import type { Caller, SendOptions } from "../../runtime/core/api/context.ts";
import { recorded, traceparent } from "../support/tracing.ts";

/** A caller in a trace, and the headers of what it sends. */
function sending(place: Place, answer: () => Promise<unknown> = () => Promise.resolve()) {
  const sent: (SendOptions["headers"] | HeaderTable)[] = [];
  const noted = async (options: { readonly headers?: SendOptions["headers"] } = {}) => {
    sent.push(options.headers);
    return await answer() as never;
  };
  const caller: Caller = {
    send: (_queue, _body, options) => noted(options),
    publish: (_exchange, _key, _body, options) => noted(options),
    call: (_name, _input, options) => noted(options),
    cancel: () => noted(),
  };
  return { caller: inTrace(caller, place), sent };
}

const run = {
  trace: { traceparent: traceparent(100), tracestate: "a=1" },
  came: { traceparent: traceparent(99) },
};

Deno.test("Each message bears the place of its own span, below the run that sends it", async () => {
  const tracing = recorded();
  const { caller, sent } = sending({ tracing, ...run });
  await caller.send("orders", 1);
  await caller.publish("events", "order.made", 1, { headers: { a: 1 } });
  await caller.call("fib", 1);

  assert.deepEqual(tracing.spans.map(({ name, kind }) => [kind, name]), [
    ["producer", "send orders"],
    ["producer", "send events"],
    ["client", "call fib"],
  ]);
  assert.ok(tracing.spans.every(({ parent, ended, error }) => parent === run.trace && ended && !error));
  assert.deepEqual(sent, [
    { traceparent: traceparent(1) },
    { a: 1, traceparent: traceparent(2) },
    { traceparent: traceparent(3) },
  ]);
  const { attributes } = tracing.spans[1]!;
  assert.equal(attributes["messaging.destination.name"], "events:order.made");
  assert.equal(attributes["messaging.rabbitmq.destination.routing_key"], "order.made");
});

Deno.test("A span ends with the error of its message, which its sender gets", async () => {
  const tracing = recorded();
  const error = new Error("no queue");
  const { caller } = sending({ tracing, ...run }, () => Promise.reject(error));

  await assert.rejects(caller.send("orders", 1), error);
  assert.deepEqual(tracing.spans.map(({ ended, error }) => [ended, error]), [[true, error]]);
});

Deno.test("A program's message belongs to where its code runs", async () => {
  const tracing = recorded();
  const { caller } = sending({ tracing });
  await caller.send("orders", 1);
  assert.equal(tracing.spans[0]!.parent, "current");
});

Deno.test("Who passes on all headers of a message does not take its place in the trace", async () => {
  const tracing = recorded();
  const { caller, sent } = sending({ tracing, ...run });
  await caller.send("orders", 1, { headers: { ...run.came, a: 1 } });

  assert.equal(tracing.spans[0]!.parent, run.trace);
  assert.deepEqual(sent, [{ a: 1, traceparent: traceparent(1) }]);
});

Deno.test("A place that the sender says is its span's parent, and keeps the trace's state", async () => {
  const tracing = recorded();
  const { caller } = sending({ tracing, ...run });
  await caller.send("orders", 1, { headers: { traceparent: traceparent(5) } });
  await caller.send("orders", 1, { headers: { traceparent: traceparent(5, "2") } });

  assert.deepEqual(tracing.spans.map(({ parent }) => parent), [
    { traceparent: traceparent(5), tracestate: "a=1" },
    // Another trace has a state of its own.
    { traceparent: traceparent(5, "2") },
  ]);
});

Deno.test("Headers that a function's process sends as a table get the place too", async () => {
  const tracing = recorded();
  const { caller, sent } = sending({ tracing, ...run });
  const headers = HeaderTable.of({ a: 1, traceparent: traceparent(7) }) as unknown as SendOptions["headers"];
  await caller.send("orders", 1, { headers });

  assert.deepEqual({ ...(sent[0] as HeaderTable).values }, { a: 1, traceparent: traceparent(1) });
  assert.equal((tracing.spans[0]!.parent as { traceparent: string }).traceparent, traceparent(7));
});

Deno.test("Without tracing a message passes on where its sender is, unless it says a place itself", async () => {
  const { caller, sent } = sending({ tracing: undefined, ...run });
  await caller.send("orders", 1);
  await caller.send("orders", 1, { headers: { traceparent: "mine" } });

  assert.deepEqual(sent, [run.trace, { traceparent: "mine" }]);
});

Deno.test("Headers of the wrong kind are left for the sender to refuse", async () => {
  for (const tracing of [undefined, recorded()]) {
    const { caller, sent } = sending({ tracing, ...run });
    await caller.send("orders", 1, { headers: "text" as never });
    await caller.send("orders", 1, { headers: null as never });
    assert.deepEqual(sent, ["text", null]);
  }
});

Deno.test("A queue whose name the broker chose has no place in the name of a span", async () => {
  const tracing = recorded();
  await sending({ tracing }).caller.send("amq.gen-7", 1);
  assert.equal(tracing.spans[0]!.name, "send (temporary)");
});
