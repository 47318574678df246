import * as otel from "@opentelemetry/api";
import type { Address } from "../core/address.ts";
import { headline } from "../core/api/errors.ts";
import { readTraceparent, type Span, type TraceContext, type Tracing } from "../core/ports/trace.ts";

const kinds = {
  producer: otel.SpanKind.PRODUCER,
  consumer: otel.SpanKind.CONSUMER,
  client: otel.SpanKind.CLIENT,
} as const;

/** Makes spans with OpenTelemetry's API. `broker` is named in each. */
export function otelTracing(broker: Address | undefined): Tracing {
  const tracer = otel.trace.getTracer("hopper");
  const server = broker && { "server.address": broker.hostname, "server.port": broker.port };
  return {
    start({ kind, name, attributes, link }, parent) {
      const linked = link && spanContextOf(link);
      const span = tracer.startSpan(name, {
        kind: kinds[kind],
        attributes: { "messaging.system": "rabbitmq", ...server, ...attributes },
        links: linked ? [{ context: linked }] : [],
      }, contextOf(parent));
      return running(span, typeof parent === "string" ? undefined : parent.tracestate);
    },
  };
}

function contextOf(parent: TraceContext | "current" | "none"): otel.Context {
  if (parent === "current") return otel.context.active();
  const known = parent === "none" ? undefined : spanContextOf(parent);
  return known ? otel.trace.setSpanContext(otel.ROOT_CONTEXT, known) : otel.ROOT_CONTEXT;
}

/** The headers are W3C's whichever propagator is registered: those who read them may run elsewhere. */
function spanContextOf({ traceparent, tracestate }: TraceContext): otel.SpanContext | undefined {
  const read = readTraceparent(traceparent);
  return read && {
    traceId: read.traceId,
    spanId: read.spanId,
    traceFlags: read.flags,
    isRemote: true,
    ...tracestate === undefined ? {} : { traceState: otel.createTraceState(tracestate) },
  };
}

function running(span: otel.Span, parentState: string | undefined): Span {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize() || parentState;
  const flags = traceFlags.toString(16).padStart(2, "0");
  const here = otel.trace.setSpan(otel.ROOT_CONTEXT, span);
  return {
    context: {
      traceparent: `00-${traceId}-${spanId}-${flags}`,
      ...tracestate === undefined ? {} : { tracestate },
    },
    within: (work) => otel.context.with(here, work),
    end(error) {
      if (error !== undefined) {
        span.setAttribute("error.type", nameOf(error));
        span.setStatus({ code: otel.SpanStatusCode.ERROR, message: headline(error) });
        if (error instanceof Error) span.recordException(error);
      }
      span.end();
    },
  };
}

// What a handler throws may throw when it is read.
function nameOf(error: unknown): string {
  try {
    return error instanceof Error ? error.name : "_OTHER";
  } catch {
    return "_OTHER";
  }
}
