import type { Inspection } from "../core/ports/inspection.ts";
import type { Service } from "../core/ports/service.ts";
import type { Address } from "../link/uri.ts";
import type { AppOptions } from "./shapes.ts";

/** What the runtime itself uses or serves, from which functions are kept. */
export function servicesOf(
  broker: readonly Address[],
  admin: AppOptions["admin"],
  inspection: Inspection | undefined,
): Service[] {
  return [
    ...broker.map(({ hostname, port }) => ({ is: "broker", hostname, port } as const)),
    ...admin ? [{ is: "admin API", ...admin } as const] : [],
    ...inspection ? [{ is: "inspector", hostname: inspection.hostname, port: inspection.port } as const] : [],
  ];
}
