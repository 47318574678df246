import { Hono } from "hono";
import type { Operations } from "./operations.ts";

/** What health reports. */
export type HealthReport = Pick<Operations, "missing" | "paused" | "unrouted">;

/**
 * Health, for probes. `/healthz` says that the process is alive, whatever the broker does; `/readyz` says what is
 * missing. Both list paused functions, which are no reason to be not ready. `/healthz` also counts messages that no
 * queue took.
 */
export function healthRoutes({ missing, paused, unrouted }: HealthReport): Hono {
  const resting = () => {
    const names = paused();
    return names.length === 0 ? {} : { paused: names };
  };
  return new Hono()
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
