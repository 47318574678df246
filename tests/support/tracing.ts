/** Tracing without OpenTelemetry: it records the spans, and numbers them. */

import type { NewSpan, TraceContext, Tracing } from "../../runtime/core/ports/trace.ts";

/** A span that a test has recorded. */
export interface RecordedSpan extends NewSpan {
  readonly parent: TraceContext | "current" | "none";
  readonly context: TraceContext;
  /** Whether it has ended. */
  ended: boolean;
  error: unknown;
}

/** The `traceparent` of a test's nth span. */
export function traceparent(nth: number, trace = "1"): string {
  return `00-${trace.repeat(32)}-${`${nth}`.padStart(16, "0")}-01`;
}

/** Tracing that records. */
export function recorded(): Tracing & { readonly spans: RecordedSpan[] } {
  const spans: RecordedSpan[] = [];
  return {
    spans,
    start(about, parent) {
      const context = { traceparent: traceparent(spans.length + 1) };
      const span: RecordedSpan = { ...about, parent, context, ended: false, error: undefined };
      spans.push(span);
      return {
        context,
        within: (work) => work(),
        end(error) {
          span.ended = true;
          span.error = error;
        },
      };
    },
  };
}
