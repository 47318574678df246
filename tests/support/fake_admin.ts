/** The page with answers of a test instead of a runtime's, for what a runtime cannot be brought to show at will. */

import { Hono } from "hono";
import type {
  DeadQueuesView,
  DeadView,
  FunctionDetail,
  FunctionSummary,
  FunctionsView,
  PeekView,
  QueuesView,
  RunDetail,
  RunSummary,
  RunsView,
  TopologyView,
} from "../../runtime/observe/api/views.ts";
import { pageRoutes } from "../../runtime/observe/page/routes.ts";

/** What the API answers. A test changes it while the page is open. */
export interface FakeAnswers {
  functions: FunctionsView;
  detail: FunctionDetail;
  runs: readonly RunSummary[];
  run: (summary: RunSummary) => RunDetail;
  queues: QueuesView;
  peek: PeekView;
  deadQueues: DeadQueuesView;
  dead: DeadView;
  topology: TopologyView;
  /** Answers of paths that are not as usual, such as `GET /api/queues`. */
  readonly instead: Map<string, (request: Request) => Response | Promise<Response>>;
}

/** A running server. */
export interface FakeAdmin extends AsyncDisposable {
  /** Ends with `/`. */
  readonly url: string;
  readonly port: number;
  readonly answers: FakeAnswers;
  /** The requests so far, such as `GET /api/runs?limit=100`. */
  readonly asked: readonly string[];
}

/** Serves the page and these answers on a free port, or on this one. */
export function serveFake(answers: FakeAnswers, port = 0): FakeAdmin {
  const asked: string[] = [];
  const app = new Hono()
    .use(async (context, next) => {
      const { pathname, search } = new URL(context.req.url);
      asked.push(`${context.req.method} ${pathname}${search}`);
      const instead = answers.instead.get(`${context.req.method} ${pathname}`);
      if (instead !== undefined) return instead(context.req.raw);
      return await next();
    })
    .route("/", pageRoutes())
    .get("/api/functions", (context) => context.json(answers.functions))
    .get("/api/functions/:name", (context) => context.json(answers.detail))
    .get("/api/runs", (context) => context.json(pageOf(answers.runs, new URL(context.req.url).searchParams)))
    .get("/api/runs/:id", (context) => {
      const summary = answers.runs.find(({ id }) => id === context.req.param("id"));
      return summary === undefined
        ? problem(404, "There is no such run")
        : context.json(answers.run(summary));
    })
    .get("/api/queues", (context) => context.json(answers.queues))
    .get("/api/queues/:name/peek", (context) => context.json(answers.peek))
    .get("/api/dead", (context) => context.json(answers.deadQueues))
    .get("/api/dead/:queue", (context) => context.json(answers.dead))
    .get("/api/topology", (context) => context.json(answers.topology));
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, app.fetch);
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    port: server.addr.port,
    answers,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** An error as the admin API tells it. */
export function problem(status: number, detail: string): Response {
  const body = {
    type: "urn:hopper:problem:REFUSED",
    title: "It cannot be done",
    status,
    detail,
    code: "REFUSED",
  };
  return Response.json(body, { status, headers: { "content-type": "application/problem+json" } });
}

function pageOf(runs: readonly RunSummary[], query: URLSearchParams): RunsView {
  const [wanted, statuses, search] = ["function", "status", "search"].map((name) => query.get(name) ?? "");
  const found = runs.filter((run) =>
    (wanted === "" || run.function === wanted) &&
    (statuses === "" || statuses!.split(",").includes(run.status)) &&
    (search === "" || JSON.stringify(run).includes(search!))
  );
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 100);
  const next = from + limit < found.length ? { next: String(from + limit) } : {};
  return {
    runs: found.slice(from, from + limit),
    kept: { runs: runs.length, bytes: runs.length * 900 },
    ...next,
  };
}

/** A function as the list shows it. */
export function fakeFunction(name: string, more: Partial<FunctionSummary> = {}): FunctionSummary {
  return {
    name,
    file: `functions/${name}.ts`,
    trigger: "queue",
    binding: "",
    queue: name,
    state: "running",
    inFlight: 0,
    stats: {
      rate: 0,
      seconds: Array(60).fill(0),
      failedSeconds: Array(60).fill(0),
      total: { handled: 0, failed: 0, retried: 0, dead: 0 },
    },
    ...more,
  };
}

/** A run as the list shows it, `age` seconds ago. */
export function fakeRun(number: number, more: Partial<RunSummary> = {}): RunSummary {
  const queued = Date.now() - number * 1_000;
  return {
    id: `run-${number}`,
    function: "hello",
    status: "ok",
    messageId: `message-${number}`,
    attempt: 1,
    exchange: "",
    routingKey: "hello",
    queue: "hello",
    queued: new Date(queued).toISOString(),
    started: new Date(queued + 3).toISOString(),
    ended: new Date(queued + 15).toISOString(),
    ms: 12,
    ...more,
  };
}

/** Answers of a runtime with these functions and nothing else. */
export function fakeAnswers(functions: readonly FunctionSummary[], { trusted = true } = {}): FakeAnswers {
  const runtime = {
    version: "0.1.0",
    broker: "amqp://guest@127.0.0.1:5672",
    started: new Date().toISOString(),
    missing: [],
    trusted,
    keepPayloads: true,
    command: "deno task hopper",
  } as const;
  const first = functions[0] ?? fakeFunction("hello");
  return {
    functions: { runtime, functions, problems: [], notices: [] },
    detail: { ...first, settings: [], versions: [] },
    runs: [],
    run: (summary) => ({ ...summary, lines: [], linesLost: 0, attempts: [summary] }),
    queues: { queues: [] },
    peek: { messages: [] },
    deadQueues: { queues: [] },
    dead: { queue: "hello.dead", ready: 0, letters: [], groups: [] },
    topology: { exchanges: [], bindings: [], queues: [], functions: [] },
    instead: new Map(),
  };
}
