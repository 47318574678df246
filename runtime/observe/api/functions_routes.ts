import { Hono } from "hono";
import { RpcError } from "../../core/api/errors.ts";
import { toProblem } from "../../core/api/problem.ts";
import { parseDuration } from "../../core/api/duration.ts";
import { isRecord } from "../../core/values.ts";
import type { Events } from "../../core/ports/events.ts";
import { newMessageId } from "../../core/message_id.ts";
import type { RunLog } from "../runs/run_log.ts";
import type { AllStats } from "../stats/all_stats.ts";
import { functionDetail, functionSummary } from "./function_views.ts";
import type { Trust } from "./guard.ts";
import type { HealthReport } from "./health.ts";
import { bodyOf, inputOf } from "./input.ts";
import type { LiveView, Operations } from "./operations.ts";
import { payloadOfValue } from "./payload.ts";
import { Refused } from "../../http/refused.ts";
import { runSummary } from "./run_views.ts";
import type { FunctionsView, InvokeView, RuntimeView } from "./views.ts";

/** How long an rpc's caller waits here, in milliseconds. */
const usualTimeout = 10_000;
const maxTimeout = 600_000;

/** How long the end of a run is waited for, after its message was sent. */
const runMs = 2_000;

/** What the routes of functions need. */
export interface FunctionsParts {
  readonly operations: Operations;
  readonly health: Pick<HealthReport, "missing">;
  readonly stats: AllStats;
  readonly runs: RunLog;
  readonly events: Events;
  readonly runtime: Pick<RuntimeView, "version" | "started" | "command">;
}

/** The functions: listed, shown, called, paused. */
export function functionsRoutes(parts: FunctionsParts): Hono<{ Variables: Trust }> {
  const { operations, health, stats, runs, events, runtime } = parts;
  const find = (name: string): LiveView => {
    const live = operations.functions().find(({ declared }) => declared.name === name);
    if (live === undefined) throw new Refused(404, "NOT_FOUND", `No function '${name}' is served here`);
    return live;
  };
  const hold = async (name: string, on: boolean) => {
    find(name);
    await operations.hold(name, on);
    return functionSummary(find(name), stats);
  };
  return new Hono<{ Variables: Trust }>()
    .get("/", (context) => {
      const view: FunctionsView = {
        runtime: {
          ...runtime,
          broker: operations.broker,
          missing: health.missing(),
          trusted: context.get("trusted"),
          keepPayloads: runs.keeps,
        },
        functions: operations.functions().map((live) => functionSummary(live, stats)),
        problems: operations.problems(),
        notices: operations.notices(),
      };
      return context.json(view);
    })
    .get("/:name", (context) => context.json(functionDetail(find(context.req.param("name")), stats)))
    .post("/:name/pause", async (context) => context.json(await hold(context.req.param("name"), true)))
    .post("/:name/resume", async (context) => context.json(await hold(context.req.param("name"), false)))
    .post("/:name/invoke", async (context) => {
      const live = find(context.req.param("name"));
      const body = await bodyOf(context.req.raw);
      const input = inputOf(body);
      const messageId = newMessageId();
      const ended = endOf(messageId, events);
      const began = performance.now();
      const ms = () => Math.round(performance.now() - began);
      try {
        const invoked = await operations.invoke(live, {
          body: input === undefined ? null : input.value,
          headers: headersOf(body.headers),
          routingKey: textOf(body.routingKey, "routingKey"),
          timeout: timeoutOf(body.timeout),
          messageId,
        });
        if (invoked.kind === "reply") {
          return context.json(
            { kind: "reply", output: payloadOfValue(invoked.output), ms: ms() } satisfies InvokeView,
          );
        }
        const run = await ended.run;
        const record = run === undefined ? undefined : runs.get(run);
        const view: InvokeView = { kind: "sent", messageId, ...record ? { run: runSummary(record) } : {} };
        return context.json(view, 202);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        return context.json(
          { kind: "error", problem: { ...toProblem(error) }, ms: ms() } satisfies InvokeView,
        );
      } finally {
        ended.close();
      }
    });
}

/** Waits for the end of a message's first run: its id, or `undefined` if it takes longer. */
function endOf(messageId: string, events: Events) {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const off = events.on((event) => {
    if (!("run" in event) || event.run?.message.id !== messageId) return;
    if (event.event === "started" || event.event === "log") return;
    resolve(event.run.id);
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    get run() {
      timer ??= setTimeout(() => resolve(undefined), runMs);
      return promise;
    },
    close() {
      off();
      clearTimeout(timer);
    },
  };
}

function headersOf(headers: unknown): Readonly<Record<string, unknown>> {
  if (headers === undefined) return {};
  if (!isRecord(headers) || Array.isArray(headers)) {
    throw new Refused(400, "BAD_REQUEST", "'headers' is not an object");
  }
  return headers;
}

function textOf(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new Refused(400, "BAD_REQUEST", `'${name}' is not text`);
}

function timeoutOf(value: unknown): number {
  if (value === undefined) return usualTimeout;
  const ms = parseDuration(value);
  if (ms === undefined || ms < 1 || ms > maxTimeout) {
    throw new Refused(
      400,
      "BAD_REQUEST",
      `'timeout' is a duration of at most ${maxTimeout} ms, such as 5000 or "5s"`,
    );
  }
  return ms;
}
