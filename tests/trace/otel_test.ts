import assert from "node:assert/strict";
import {
  type Attributes,
  type Context,
  type Span as OtelSpan,
  type SpanContext,
  type SpanOptions,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { isTracing } from "../../runtime/core/is_tracing.ts";
import { openTracing } from "../../runtime/trace/mod.ts";
import { traceparent } from "../support/tracing.ts";

const address = { hostname: "broker.example", port: 5672 };

interface Begun {
  readonly name: string;
  readonly options: SpanOptions;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes;
  status?: string;
  ended?: true;
}

/** Registers what traces, as an SDK does; it records the spans. */
function registered() {
  const spans: Begun[] = [];
  const startSpan = (name: string, options: SpanOptions = {}, context?: Context): OtelSpan => {
    const attributes: Attributes = { ...options.attributes };
    const begun: Begun = { name, options, parent: context && trace.getSpanContext(context), attributes };
    spans.push(begun);
    const span: Partial<OtelSpan> = {
      spanContext: () => ({ traceId: "2".repeat(32), spanId: "3".repeat(16), traceFlags: 1 }),
      setAttribute: (key, value) => (attributes[key] = value, span as OtelSpan),
      setStatus: ({ message }) => (begun.status = message, span as OtelSpan),
      recordException: () => {},
      end: () => begun.ended = true,
    };
    return span as OtelSpan;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as unknown as Tracer });
  return { spans, [Symbol.dispose]: () => trace.disable() };
}

Deno.test("Where nothing traces there is no tracing", async () => {
  assert.equal(isTracing(), false);
  assert.equal(await openTracing([address]), undefined);
});

Deno.test("Spans are made by whatever is registered, and bear the broker's address", async () => {
  using sdk = registered();
  const tracing = await openTracing([address]);
  const came = { traceparent: traceparent(7), tracestate: "a=1" };
  const span = tracing!.start({ kind: "consumer", name: "process orders", attributes: {}, link: came }, came);
  span.end();

  const [begun] = sdk.spans;
  assert.equal(begun!.parent?.spanId, "0000000000000007");
  assert.equal(begun!.parent?.isRemote, true);
  assert.equal(begun!.options.links?.[0]?.context.spanId, "0000000000000007");
  assert.deepEqual(begun!.attributes, {
    "messaging.system": "rabbitmq",
    "server.address": "broker.example",
    "server.port": 5672,
  });
  assert.ok(begun!.ended);
  // What a message bears has W3C's form, whichever propagator is registered, and the state as it came.
  assert.deepEqual(span.context, {
    traceparent: `00-${"2".repeat(32)}-${"3".repeat(16)}-01`,
    tracestate: "a=1",
  });
});

Deno.test("A span says with which error it ended, also with one that cannot be read", async () => {
  using sdk = registered();
  const tracing = await openTracing([address, address]);
  const about = { kind: "producer", name: "send orders", attributes: {} } as const;
  const unreadable = Object.defineProperty(new Error("no"), "name", {
    get() {
      throw new Error("unreadable");
    },
  });
  for (const error of [new TypeError("no queue"), "text", unreadable]) {
    tracing!.start(about, "none").end(error);
  }

  assert.deepEqual(sdk.spans.map(({ attributes, status }) => [attributes["error.type"], status]), [
    ["TypeError", "TypeError: no queue"],
    ["_OTHER", "text"],
    ["_OTHER", "An error that cannot be read"],
  ]);
  // Of several nodes nobody knows which one it is.
  assert.equal(sdk.spans[0]!.attributes["server.address"], undefined);
});
