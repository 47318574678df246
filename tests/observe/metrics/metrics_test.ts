import assert from "node:assert/strict";
import { createEvents } from "../../../runtime/core/ports/events.ts";
import {
  createMetrics,
  type FunctionNow,
  type Metrics,
  metricsRoutes,
  type MetricsSource,
} from "../../../runtime/observe/metrics/mod.ts";
import { seriesIn, valueOf } from "../../support/metrics.ts";
import { observedRun } from "../../support/observed_run.ts";
import { checkMetrics, hasPromtool } from "../../support/promtool.ts";

const promtool = await hasPromtool();

/** A function that has nothing to do, but for what the test says. */
function live(name: string, now: Partial<FunctionNow> = {}): FunctionNow {
  const queues = [{ name, kind: "work" }, { name: `${name}.dead`, kind: "dead" }];
  return {
    declared: { name },
    queue: name,
    state: "running",
    inFlight: 0,
    unacked: 0,
    sent: [],
    queues,
    ...now,
  };
}

/** Metrics of a runtime that has functions with these names; what it is asked for can be changed. */
function measured(...names: string[]) {
  const events = createEvents();
  const source = {
    now: names.map((name) => live(name)),
    /** How much waits, by queue. */
    waiting: {} as Record<string, number>,
  };
  const asked: MetricsSource = {
    functions: () => source.now,
    queues: {
      counts: (queues) =>
        Promise.resolve(
          new Map(queues.flatMap((queue) => {
            const ready = source.waiting[queue];
            return ready === undefined ? [] : [[queue, { ready }]];
          })),
        ),
    },
  };
  const metrics = createMetrics(events, () => asked, "1.2.3");
  return {
    ...events,
    source,
    text: () => textOf(metrics),
    [Symbol.dispose]: () => metrics.close(),
  };
}

async function textOf(metrics: Metrics): Promise<string> {
  return (await metrics.read()).text;
}

const run = (queue = "orders") => ({ messageId: "m-1", run: observedRun({ queue }) });

Deno.test("Each run counts once, with its duration, its queue and its error's name", async () => {
  using app = measured("orders");
  app.emit({ event: "attached", function: "orders", queue: "orders" });
  app.emit({ event: "handled", function: "orders", ...run(), attempt: 1, ms: 4 });
  app.emit({ event: "handled", function: "orders", ...run(), attempt: 1, ms: 250 });
  app.emit({ event: "failed", function: "orders", ...run(), attempt: 1, ms: 7, error: "TypeError: no" });

  const text = await app.text();

  const labels = { function: "orders", messaging_destination_name: "orders", messaging_system: "rabbitmq" };
  const took = "messaging_process_duration_seconds";
  const fine = { ...labels, error_type: "" };
  assert.equal(valueOf(text, `${took}_count`, fine), 2);
  assert.equal(valueOf(text, `${took}_sum`, fine), 0.254);
  assert.equal(valueOf(text, `${took}_bucket`, { ...fine, le: "0.005" }), 1);
  assert.equal(valueOf(text, `${took}_bucket`, { ...fine, le: "0.25" }), 2);
  assert.equal(valueOf(text, `${took}_bucket`, { ...fine, le: "+Inf" }), 2);
  assert.equal(valueOf(text, `${took}_count`, { ...labels, error_type: "TypeError" }), 1);
  assert.equal(valueOf(text, "messaging_client_consumed_messages_total", fine), 2);
  assert.equal(
    valueOf(text, "messaging_client_consumed_messages_total", { ...labels, error_type: "TypeError" }),
    1,
  );
});

Deno.test("A mistake of an rpc's caller has a label of its own, as nothing here has to be fixed", async () => {
  using app = measured("fib");
  const failed = { event: "failed", function: "fib", ...run("fib"), attempt: 1, ms: 1 } as const;
  app.emit({ ...failed, error: "RpcError: no such number", byCaller: true });
  app.emit({ ...failed, error: "RpcError: out of order" });

  const text = await app.text();

  const consumed = "messaging_client_consumed_messages_total";
  assert.equal(valueOf(text, consumed, { error_type: "caller" }), 1);
  assert.equal(valueOf(text, consumed, { error_type: "RpcError" }), 1);
});

Deno.test("What became of a failed message is counted for its function", async () => {
  using app = measured("orders", "mails");
  app.emit({
    event: "retrying",
    function: "orders",
    ...run(),
    attempt: 1,
    retryMs: 1000,
    error: "Error: no",
  });
  app.emit({
    event: "dead-lettered",
    function: "orders",
    ...run(),
    queue: "orders.dead",
    error: "Error: no",
  });
  app.emit({ event: "dropped", function: "mails", ...run("mails"), error: "Error: no" });
  app.emit({ event: "expired", function: "orders", ...run(), attempt: 1, ms: 0 });
  app.emit({ event: "duplicate", function: "orders", ...run() });
  app.emit({ event: "unanswered", function: "mails", ...run("mails"), error: "Error: no" });
  app.emit({ event: "unrouted", function: "mails", exchange: "e", routingKey: "k", count: 1 });
  app.emit({ event: "host-started", function: "orders", ms: 30 });
  app.emit({ event: "host-ended", function: "orders", how: "exited with code 3" });

  const text = await app.text();

  const of = (name: string, name_: string) => valueOf(text, name, { function: name_ });
  assert.equal(of("hopper_retried_messages_total", "orders"), 1);
  assert.equal(of("hopper_dead_lettered_messages_total", "orders"), 1);
  assert.equal(of("hopper_dead_lettered_messages_total", "mails"), 0);
  assert.equal(of("hopper_dropped_messages_total", "mails"), 1);
  assert.equal(of("hopper_expired_messages_total", "orders"), 1);
  assert.equal(of("hopper_duplicate_messages_total", "orders"), 1);
  assert.equal(of("hopper_unanswered_requests_total", "mails"), 1);
  assert.equal(of("hopper_unrouted_messages_total", "mails"), 1);
  assert.equal(of("hopper_processes_started_total", "orders"), 1);
  assert.equal(of("hopper_processes_ended_total", "orders"), 1);
  // An expired message and a duplicate were taken from the queue, but no handler ran.
  assert.equal(of("messaging_client_consumed_messages_total", "orders"), 2);
  assert.equal(of("messaging_process_duration_seconds_count", "orders"), 0);
});

Deno.test("A function has its series from its first moment, all zero", async () => {
  using app = measured("orders");
  app.emit({ event: "attached", function: "orders", queue: "orders" });

  const text = await app.text();

  assert.equal(valueOf(text, "messaging_client_consumed_messages_total", { function: "orders" }), 0);
  assert.equal(valueOf(text, "hopper_dead_lettered_messages_total", { function: "orders" }), 0);
});

Deno.test("What no event says is asked for at each reading", async () => {
  using app = measured();
  app.source.now = [
    live("orders", { inFlight: 3, unacked: 20, sent: [{ operation: "send", count: 9 }] }),
    live("mails", {
      queue: "amq.gen-7",
      state: "circuit-open",
      sent: [{ operation: "call", count: 2, error: "CallTimeout" }],
    }),
    live("logs", { state: "detached" }),
  ];
  app.source.waiting = { "orders": 40, "orders.dead": 2, "logs": 0 };

  const text = await app.text();

  assert.equal(valueOf(text, "hopper_in_flight_runs", { function: "orders" }), 3);
  assert.equal(valueOf(text, "hopper_queue_unacked_messages", { function: "orders" }), 20);
  assert.equal(
    valueOf(text, "hopper_queue_unacked_messages", { messaging_destination_name: "(temporary)" }),
    0,
  );
  assert.equal(valueOf(text, "hopper_function_attached", { function: "orders" }), 1);
  assert.equal(valueOf(text, "hopper_function_attached", { function: "mails" }), 1);
  assert.equal(valueOf(text, "hopper_function_attached", { function: "logs" }), 0);
  assert.equal(valueOf(text, "hopper_function_paused", { function: "mails" }), 1);
  assert.equal(valueOf(text, "hopper_function_paused", { function: "logs" }), 0);
  assert.equal(valueOf(text, "hopper_queue_ready_messages", { function: "orders", kind: "work" }), 40);
  assert.equal(valueOf(text, "hopper_queue_ready_messages", { function: "orders", kind: "dead" }), 2);
  assert.equal(valueOf(text, "hopper_queue_ready_messages", { function: "logs", kind: "work" }), 0);
  // A queue that does not exist has no series.
  assert.equal(valueOf(text, "hopper_queue_ready_messages", { function: "logs", kind: "dead" }), undefined);
  const sent = "messaging_client_sent_messages_total";
  assert.equal(valueOf(text, sent, { function: "orders", messaging_operation_name: "send" }), 9);
  assert.equal(valueOf(text, sent, { function: "mails", error_type: "CallTimeout" }), 2);
});

Deno.test("A connection that was lost and is back counts as one reconnect", async () => {
  using app = measured();
  const about = { connection: "consumers", broker: "amqp://b" } as const;
  app.emit({ event: "connecting", ...about, attempt: 1, error: "refused", retryMs: 250 });
  app.emit({ event: "connected", ...about });
  app.emit({ event: "disconnected", ...about, error: "reset" });
  const lost = await app.text();
  app.emit({ event: "connected", ...about });
  const back = await app.text();

  assert.equal(valueOf(lost, "hopper_broker_connected", { connection: "consumers" }), 0);
  assert.equal(valueOf(lost, "hopper_broker_reconnects_total", { connection: "consumers" }), 0);
  assert.equal(valueOf(back, "hopper_broker_connected", { connection: "consumers" }), 1);
  assert.equal(valueOf(back, "hopper_broker_reconnects_total", { connection: "consumers" }), 1);
  // A connection that is not in use is not shown as lost.
  assert.equal(valueOf(back, "hopper_broker_connected", { connection: "replies" }), undefined);
});

Deno.test("10,000 messages with different texts, ids, keys and errors add no series", async () => {
  using app = measured("orders");
  const failing = (text: string) => {
    const about = {
      function: "orders",
      messageId: text,
      run: observedRun({
        queue: "orders",
        message: { id: text, exchange: text, routingKey: text, body: new TextEncoder().encode(text) },
      }),
    };
    app.emit({ event: "handled", ...about, attempt: 1, ms: 1 });
    app.emit({ event: "failed", ...about, attempt: 1, ms: 1, error: text });
    app.emit({ event: "failed", ...about, attempt: 1, ms: 1, error: `${text}: is the error's name` });
    app.emit({ event: "failed", ...about, attempt: 1, ms: 1, error: `Error: ${text}` });
    app.emit({ event: "dead-lettered", ...about, queue: text, error: text });
  };
  failing("first");
  const before = seriesIn(await app.text());
  for (let i = 0; i < 10_000; i++) failing(`text-${i}`);
  const text = await app.text();

  assert.deepEqual([...seriesIn(text).keys()], [...before.keys()]);
  assert.doesNotMatch(text, /text-/);
  const failed = { function: "orders", error_type: "_OTHER" };
  assert.equal(valueOf(text, "messaging_client_consumed_messages_total", failed), 20_002);
});

Deno.test("A temporary queue has one name, however often the broker chooses another", async () => {
  using app = measured("logs");
  for (let i = 0; i < 100; i++) {
    app.emit({ event: "handled", function: "logs", ...run(`amq.gen-${i}`), attempt: 1, ms: 1 });
  }

  const consumed = [...seriesIn(await app.text()).keys()].filter((name) => /consumed/.test(name));

  assert.equal(consumed.length, 1);
  assert.match(consumed[0]!, /messaging_destination_name="\(temporary\)"/);
});

Deno.test("A function that is removed leaves no series, also if its last runs end afterwards", async () => {
  using app = measured("orders", "mails");
  for (const name of ["orders", "mails"]) {
    app.emit({ event: "handled", function: name, ...run(), attempt: 1, ms: 1 });
  }
  assert.match(await app.text(), /function="orders"/);

  app.emit({ event: "removed", function: "orders", queue: "orders" });
  app.emit({ event: "handled", function: "orders", ...run(), attempt: 1, ms: 1 });
  app.source.now = app.source.now.filter(({ declared }) => declared.name !== "orders");
  const text = await app.text();

  assert.doesNotMatch(text, /function="orders"/);
  assert.match(text, /function="mails"/);
});

Deno.test("Metrics can be read while the runtime starts", async () => {
  const metrics = createMetrics(createEvents(), () => undefined, "1.2.3");
  const text = await textOf(metrics);
  metrics.close();

  assert.equal(valueOf(text, "hopper_build_info", { version: "1.2.3" }), 1);
});

Deno.test("A closed listener counts no more", async () => {
  const events = createEvents();
  const metrics = createMetrics(events, () => undefined, "1.2.3");
  metrics.close();
  events.emit({ event: "host-started", function: "orders", ms: 1 });

  assert.doesNotMatch(await textOf(metrics), /orders/);
});

Deno.test("GET /metrics answers in Prometheus's format", async () => {
  const routes = metricsRoutes({
    read: () => Promise.resolve({ text: "a 1\n", contentType: "text/plain; version=0.0.4" }),
  });
  const response = await routes.request("/metrics");

  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4");
  assert.equal(await response.text(), "a 1\n");
});

Deno.test("promtool finds nothing wrong with the metrics", { ignore: !promtool }, async () => {
  using app = measured("orders");
  const about = { connection: "consumers", broker: "amqp://b" } as const;
  app.emit({ event: "connected", ...about });
  app.emit({ event: "attached", function: "orders", queue: "orders" });
  app.emit({ event: "handled", function: "orders", ...run('a "quoted" \\ queue'), attempt: 1, ms: 1 });
  app.emit({ event: "failed", function: "orders", ...run(), attempt: 1, ms: 1, error: "Error: no" });
  app.source.now = [live("orders", { sent: [{ operation: "send", count: 1 }] })];
  app.source.waiting = { orders: 1 };

  assert.equal(await checkMetrics(await app.text()), "");
});
