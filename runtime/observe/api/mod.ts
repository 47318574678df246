import { Hono } from "hono";
import type { Address } from "../../core/address.ts";
import type { Events } from "../../core/ports/events.ts";
import { type Metrics, metricsRoutes } from "../metrics/mod.ts";
import { pageRoutes } from "../page/routes.ts";
import type { RunLog } from "../runs/run_log.ts";
import type { AllStats } from "../stats/all_stats.ts";
import { deadRoutes } from "./dead_routes.ts";
import { eventStream } from "./events_stream.ts";
import { functionsRoutes } from "./functions_routes.ts";
import { guard, isEqual, tokenCookie, type Trust } from "./guard.ts";
import { type HealthReport, healthRoutes } from "./health.ts";
import type { Operations } from "./operations.ts";
import { describeError } from "../../core/api/errors.ts";
import { refusalOfError, refusedResponse } from "../../http/refused.ts";
import type { QueueWatch } from "./queue_watch.ts";
import { queuesRoutes } from "./queues_routes.ts";
import { runsRoutes } from "./runs_routes.ts";
import { topologyView } from "./topology_view.ts";
import type { RuntimeView } from "./views.ts";

/** What the admin API is made of. */
export interface ApiParts {
  readonly address: Address;
  readonly token: string;
  readonly operations: Operations;
  /** What is missing, of the app and of the broker that runs beside it. */
  readonly health: HealthReport;
  readonly events: Events;
  readonly runs: RunLog;
  readonly stats: AllStats;
  readonly watch: QueueWatch;
  readonly metrics: Pick<Metrics, "read">;
  readonly runtime: Pick<RuntimeView, "version" | "started" | "command">;
}

/** The largest body of a request, in bytes. */
export const maxRequest = 1024 * 1024;

/** All routes of the admin API. */
export function adminApi(parts: ApiParts): Hono<{ Variables: Trust }> {
  const { address, token, operations, health, events, runs, watch, metrics } = parts;
  const api = new Hono<{ Variables: Trust }>()
    .use(guard({ address, token }))
    .get("/", async (context, next) => {
      const given = context.req.query("token");
      if (given === undefined) return await next();
      if (!isEqual(given, token)) {
        return refusedResponse({
          status: 401,
          code: "UNAUTHORIZED",
          detail: "This token is of another runtime, or was never right",
        });
      }
      // The token leaves the address, so that it stays out of the browser's history and of what is copied from there.
      context.header("set-cookie", tokenCookie(address, token));
      return context.redirect("/", 303);
    })
    .route("/", healthRoutes(health))
    .route("/", metricsRoutes(metrics))
    .route("/", pageRoutes())
    .route("/api/functions", functionsRoutes(parts))
    .route("/api/runs", runsRoutes(runs, operations))
    .route("/api/queues", queuesRoutes(operations, watch))
    .route("/api/dead", deadRoutes(operations, watch))
    .get(
      "/api/topology",
      async (context) => context.json(topologyView(operations.functions(), await watch.views())),
    )
    .get("/api/events", ({ req, get, body }) => {
      const only = req.query("only");
      const stream = eventStream(events, {
        function: req.query("function") || undefined,
        only: only ? new Set(only.split(",")) : undefined,
        trusted: get("trusted"),
      });
      return body(stream, 200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    });
  api.notFound(({ req }) =>
    refusedResponse({ status: 404, code: "NOT_FOUND", detail: `There is no ${req.method} ${req.path} here` })
  );
  api.onError((error) =>
    refusedResponse(
      refusalOfError(error) ?? { status: 500, code: "INTERNAL", detail: describeError(error) },
    )
  );
  return api;
}
