import type { TraceContext } from "../../core/ports/trace.ts";

/** Reads headers for OpenTelemetry's API. */
interface Getter {
  keys(from: TraceContext): string[];
  get(from: TraceContext, name: string): string | undefined;
}

/** The parts of OpenTelemetry's API that Deno registers with `OTEL_DENO=true`. */
interface Api {
  readonly context: {
    active(): unknown;
    with<T>(context: unknown, work: () => T): T;
  };
  readonly propagation: {
    extract(context: unknown, from: TraceContext, getter: Getter): unknown;
  };
}

const getter: Getter = {
  keys: (from: TraceContext) => Object.keys(from),
  get: (from: TraceContext, name: string) => from[name as keyof TraceContext],
};

/**
 * Runs a handler within its run's span, which is the runtime's, so that the spans of this process, such as those of
 * `fetch`, join the trace. The API is taken as Deno registered it, because this process may have no packages.
 */
export function withinSpan<T>(span: TraceContext | undefined, work: () => T): T {
  if (span === undefined) return work();
  const api = Reflect.get(globalThis, Symbol.for("opentelemetry.js.api.1")) as Api | undefined;
  if (api?.context === undefined || api.propagation === undefined) return work();
  return api.context.with(api.propagation.extract(api.context.active(), span, getter), work);
}
