import type { Address } from "../core/address.ts";
import type { Tracing } from "../core/ports/trace.ts";

/** Where OpenTelemetry's API keeps what traces in this process: Deno with `OTEL_DENO=true`, or an SDK. */
const registered = Symbol.for("opentelemetry.js.api.1");

/** Whether something traces in this process. */
export function isTracing(): boolean {
  const api: unknown = Reflect.get(globalThis, registered);
  return typeof api === "object" && api !== null && "trace" in api;
}

/**
 * Makes spans, if something traces in this process; otherwise nothing is loaded. `nodes` are the broker's: spans name the
 * only one.
 */
export async function openTracing(nodes: readonly Address[]): Promise<Tracing | undefined> {
  if (!isTracing()) return undefined;
  const { otelTracing } = await import("./otel.ts");
  return otelTracing(nodes.length === 1 ? nodes[0] : undefined);
}
