import type { Headers } from "./headers.ts";

/** A place in a trace, in the headers of W3C Trace Context. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Where a run is in a trace, and so what it sends. */
export interface RunPlace {
  readonly trace: TraceContext;
  /** Where its message was made. */
  readonly came: TraceContext | undefined;
}

/** Makes spans, where this process traces. */
export interface Tracing {
  /**
   * Begins a span: in another place of a trace, in the one where this code runs (`"current"`), or as the first of a new
   * trace (`"none"`).
   */
  start(span: NewSpan, parent: TraceContext | "current" | "none"): Span;
}

/** What a span is about, in OpenTelemetry's terms. */
export interface NewSpan {
  readonly kind: "producer" | "consumer" | "client";
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  /** Where the message was made. */
  readonly link?: TraceContext;
}

/** A span that has begun. */
export interface Span {
  readonly context: TraceContext;
  /** Does work in this place of the trace. */
  within<T>(work: () => T): T;
  /** Ends it, with the error that it ended with. */
  end(error?: unknown): void;
}

const form = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:$|-)/;

// The longest that everybody must pass on.
const maxState = 512;

/** The parts of a `traceparent`; `undefined` if it is none. */
export function readTraceparent(
  traceparent: unknown,
): { readonly traceId: string; readonly spanId: string; readonly flags: number } | undefined {
  if (typeof traceparent !== "string") return undefined;
  const [, traceId, spanId, flags] = form.exec(traceparent) ?? [];
  return traceId === undefined ? undefined : { traceId, spanId: spanId!, flags: Number.parseInt(flags!, 16) };
}

/** Where a message with these headers was made; `undefined` if its sender did not trace. */
export function traceContextIn(headers: Pick<Headers, "get">): TraceContext | undefined {
  const traceparent = headers.get("traceparent");
  if (readTraceparent(traceparent) === undefined) return undefined;
  const tracestate = headers.get("tracestate");
  const isKept = typeof tracestate === "string" && tracestate !== "" && tracestate.length <= maxState;
  return { traceparent: traceparent as string, ...isKept ? { tracestate } : {} };
}
