/** The admin API of an app that runs in the test's own process. */

import { createEvents } from "../../runtime/core/ports/events.ts";
import { adminApi } from "../../runtime/observe/api/mod.ts";
import { QueueWatch } from "../../runtime/observe/api/queue_watch.ts";
import { createMetrics } from "../../runtime/observe/metrics/mod.ts";
import type { KeepPayloads } from "../../runtime/observe/runs/record.ts";
import { RunLog } from "../../runtime/observe/runs/run_log.ts";
import { AllStats } from "../../runtime/observe/stats/all_stats.ts";
import { runApp, type TestApp, type TestAppOptions } from "./app.ts";

const address = { hostname: "127.0.0.1", port: 8672 };
const token = "the-token-of-this-test";

/** An app and its admin API. */
export interface Administered extends AsyncDisposable {
  readonly app: TestApp;
  /** Asks with the token, or without it, and returns the answer with its JSON. */
  ask<View>(path: string, request?: AskOptions): Promise<{ readonly status: number; readonly view: View }>;
  /** The same for a path that must answer with 200 or 202. */
  get<View>(path: string): Promise<View>;
  post<View>(path: string, body?: unknown): Promise<View>;
  /** The answer itself. */
  fetch(path: string, request?: AskOptions): Promise<Response>;
}

/** How to ask. */
export interface AskOptions {
  readonly method?: string;
  readonly body?: unknown;
  /** @default true */
  readonly withToken?: boolean;
  readonly signal?: AbortSignal;
}

/** Starts an app with its admin API, which is asked without a port. */
export async function administer(
  { keep = true, ...options }: TestAppOptions & { readonly keep?: KeepPayloads },
): Promise<Administered> {
  const events = options.events ?? createEvents();
  const runs = new RunLog(keep, { ended: () => {}, dropped: () => {} });
  events.on((event) => runs.take(event));
  const stats = new AllStats(events);
  const app = await runApp({ ...options, events });
  const { operations } = app.app;
  const watch = new QueueWatch(operations, events);
  const metrics = createMetrics(events, () => operations, "0.0.0");
  const runtime = { version: "0.0.0", started: new Date().toISOString(), command: "deno task hopper" };
  const api = adminApi({
    address,
    token,
    operations,
    health: operations,
    events,
    runs,
    stats,
    watch,
    metrics,
    runtime,
  });

  const fetch = async (path: string, { method, body, withToken = true, signal }: AskOptions = {}) =>
    await api.request(path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: { host: "127.0.0.1:8672", ...withToken ? { authorization: `Bearer ${token}` } : {} },
      signal,
    });
  const ask = async <View>(path: string, options?: AskOptions) => {
    const response = await fetch(path, options);
    return { status: response.status, view: await response.json() as View };
  };
  const done = async <View>(path: string, options?: AskOptions) => {
    const { status, view } = await ask<View>(path, options);
    if (status >= 300) throw new Error(`${path} answered ${status}: ${JSON.stringify(view)}`);
    return view;
  };
  return {
    app,
    ask,
    get: (path) => done(path),
    post: (path, body = {}) => done(path, { body }),
    fetch,
    async [Symbol.asyncDispose]() {
      metrics.close();
      watch.close();
      stats.close();
      await app[Symbol.asyncDispose]();
    },
  };
}
