import type { Address } from "../core/address.ts";
import { isTracing } from "../core/is_tracing.ts";
import type { Tracing } from "../core/ports/trace.ts";

/**
 * Makes spans, if something traces in this process; otherwise nothing is loaded. `nodes` are the broker's: spans name the
 * only one.
 */
export async function openTracing(nodes: readonly Address[]): Promise<Tracing | undefined> {
  if (!isTracing()) return undefined;
  const { otelTracing } = await import("./otel.ts");
  return otelTracing(nodes.length === 1 ? nodes[0] : undefined);
}
