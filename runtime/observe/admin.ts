import { type Address, parseAddress } from "../core/address.ts";
import { Hono } from "hono";
import { serveHttp } from "./http_server.ts";
import { type Metrics, metricsRoutes } from "./metrics/mod.ts";

/** The address that the admin API listens on. */
export type AdminAddress = Address;

/** The running admin API. */
export interface Admin extends AdminAddress {
  close(): Promise<void>;
}

/** What health reports. */
export interface HealthReport {
  /** What a restart or the operator can fix: no connection to the broker, or a refused consumer. */
  missing(): readonly string[];
  /** Functions that pause because their runs keep failing. A restart would not help. */
  paused(): readonly string[];
  /** Messages of functions that no queue took and that needed none. */
  unrouted?(): readonly string[];
  readonly metrics?: Pick<Metrics, "read">;
}

/**
 * Health, for probes, and metrics. `/healthz` says that the process is alive, whatever the broker does; `/readyz` says what is
 * missing. Both list paused functions, which are no reason to be not ready. `/healthz` also counts messages that no
 * queue took.
 */
export function adminRoutes({ missing, paused, unrouted = () => [], metrics }: HealthReport): Hono {
  const resting = () => {
    const names = paused();
    return names.length === 0 ? {} : { paused: names };
  };
  return new Hono()
    .route("/", metrics ? metricsRoutes(metrics) : new Hono())
    .get("/healthz", (context) => {
      const unheard = unrouted();
      const counted = unheard.length === 0 ? {} : { unrouted: unheard };
      return context.json({ status: "alive", ...resting(), ...counted });
    })
    .get("/readyz", (context) => {
      const absent = missing();
      return absent.length === 0
        ? context.body(null, 204)
        : context.json({ status: "not ready", missing: absent, ...resting() }, 503);
    });
}

/** Starts the admin API. Throws `Deno.errors.AddrInUse` if another program listens there. */
export function startAdmin({ hostname, port }: AdminAddress, report: HealthReport): Admin {
  const { fetch } = adminRoutes(report);
  return serveHttp({ hostname, port }, (request) => fetch(request));
}

/** Parses `HOST:PORT` or `PORT`. Throws an `ArgumentError` that shows how to write it. */
export function parseAdminAddress(text: string): AdminAddress {
  return parseAddress(text, "the admin API", "127.0.0.1:8672");
}
