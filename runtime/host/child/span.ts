import type { TraceContext } from "../../core/ports/trace.ts";

/** Reads headers for OpenTelemetry's API. */
interface Getter {
  keys(from: TraceContext): string[];
  get(from: TraceContext, name: string): string | undefined;
}

/** Writes headers for OpenTelemetry's API. */
interface Setter {
  set(into: Record<string, string>, name: string, value: string): void;
}

/** The parts of OpenTelemetry's API that Deno registers with `OTEL_DENO=true`. */
interface Api {
  readonly context: {
    active(): unknown;
    with<T>(context: unknown, work: () => T): T;
  };
  readonly propagation: {
    inject(context: unknown, into: Record<string, string>, setter: Setter): void;
    extract(context: unknown, from: TraceContext, getter: Getter): unknown;
  };
}

const getter: Getter = {
  keys: (from: TraceContext) => Object.keys(from),
  get: (from: TraceContext, name: string) => from[name as keyof TraceContext],
};

const setter: Setter = {
  set(into, name, value) {
    if (name === "traceparent" || name === "tracestate") into[name] = value;
  },
};

/**
 * Runs a handler within its run's span, which is the runtime's, so that the spans of this process, such as those of
 * `fetch`, join the trace. The API is taken as Deno registered it, because this process may have no packages.
 */
export function withinSpan<T>(span: TraceContext | undefined, work: () => T): T {
  if (span === undefined) return work();
  const api = registered();
  if (api === undefined) return work();
  return api.context.with(api.propagation.extract(api.context.active(), span, getter), work);
}

/** The headers of the span in which this code runs; `undefined` if this process does not trace. */
export function headersHere(): Readonly<Record<string, string>> | undefined {
  const api = registered();
  if (api === undefined) return undefined;
  const headers: Record<string, string> = {};
  api.propagation.inject(api.context.active(), headers, setter);
  return headers;
}

function registered(): Api | undefined {
  const api = Reflect.get(globalThis, Symbol.for("opentelemetry.js.api.1")) as Partial<Api> | undefined;
  return api?.context && api.propagation ? api as Api : undefined;
}
