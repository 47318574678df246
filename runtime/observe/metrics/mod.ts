import { Hono } from "hono";
import type { Events } from "../../core/ports/events.ts";
import { EventLoopLag } from "./event_loop_lag.ts";
import type { Exposition } from "./exposition.ts";
import { families } from "./families.ts";
import { QueueCounts } from "./queue_counts.ts";
import { type MetricsSource, waitingIn } from "./source.ts";
import { Tally } from "./tally.ts";

export type { FunctionNow, MetricsSource, SendOperation, SentCount } from "./source.ts";

/** A runtime's metrics. */
export interface Metrics {
  /** What Prometheus reads. Takes a second at most, whatever the broker does. */
  read(): Promise<Exposition>;
  /** Counts no more. */
  close(): void;
}

/** Counts what happens from now on. `source` has the rest; it may be missing while the runtime starts. */
export function createMetrics(
  events: Pick<Events, "on">,
  source: () => MetricsSource | undefined,
  version: string,
): Metrics {
  const tally = new Tally();
  const lag = new EventLoopLag();
  const queues = new QueueCounts(async () => {
    const app = source();
    return app === undefined ? [] : await waitingIn(app);
  });
  const stopListening = events.on((event) => tally.take(event));
  return {
    async read() {
      const waiting = await queues.current();
      const app = source();
      const functions = app?.functions() ?? [];
      const names = new Set(functions.map(({ declared: { name } }) => name));
      if (app) tally.keep(names);
      // Its library is loaded when somebody reads the metrics for the first time, because that takes a tenth of a second.
      const { expose } = await import("./exposition.ts");
      return await expose(families({
        tally,
        functions,
        queues: waiting?.filter((queue) => names.has(queue.function)),
        lag: lag.buckets,
        version,
      }));
    },
    close() {
      stopListening();
      lag.close();
    },
  };
}

/** `GET /metrics`, for Prometheus. */
export function metricsRoutes(metrics: Pick<Metrics, "read">): Hono {
  return new Hono().get("/metrics", async (context) => {
    const { text, contentType } = await metrics.read();
    return context.body(text, 200, { "content-type": contentType });
  });
}
