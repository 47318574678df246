import assert from "node:assert/strict";
import { direct, fanout, type FunctionDeclaration, headers, queue, rpc, topic } from "../../runtime/mod.ts";
import { queueName } from "../../runtime/core/settings/queue_name.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { declared } from "../support/declared.ts";

const handler = () => {};
const plan = (declaration: FunctionDeclaration, name = "audit") =>
  planFunction(declared(declaration, { name }));

/** A plan as data: the retry queue of a second stands for all of them. */
function shown(declaration: FunctionDeclaration) {
  const { helpers: { deadLetters, retry }, ...rest } = plan(declaration);
  return { ...rest, deadLetters, retryQueue: retry(rest.queue.name, 1000).name };
}

/** A queue as RabbitMQ's tutorial would declare it with `durable=True`, and nothing else. */
const durable = { durable: true, exclusive: false, autoDelete: false, arguments: {} };
const temporary = { durable: false, exclusive: true, autoDelete: false, arguments: {} };

/** An exchange as most programs declare one. */
const plain = (name: string, type: string) => ({
  name,
  type,
  durable: true,
  autoDelete: false,
  internal: false,
  arguments: {},
});

Deno.test("A queue trigger is planned as its queue and nothing else", () => {
  assert.deepEqual(shown(queue("task_queue", handler)), {
    function: "audit",
    exchanges: [],
    queue: { name: "task_queue", ...durable },
    bindings: [],
    deadLetters: { name: "task_queue.dead", ...durable },
    retryQueue: "task_queue.retry.1000",
  });
});

Deno.test("An rpc is planned as its queue without dead letters", () => {
  assert.deepEqual(shown(rpc("rpc_queue", { durable: false, prefetch: 1 }, handler)), {
    function: "audit",
    exchanges: [],
    queue: { name: "rpc_queue", ...durable, durable: false },
    bindings: [],
    deadLetters: undefined,
    retryQueue: "rpc_queue.retry.1000",
  });
});

Deno.test("The queue of a fanout trigger is named after the function", () => {
  assert.deepEqual(shown(fanout("logs", handler)), {
    function: "audit",
    exchanges: [plain("logs", "fanout")],
    queue: { name: "audit", ...durable },
    bindings: [{ exchange: "logs", routingKey: "", arguments: {} }],
    deadLetters: { name: "audit.dead", ...durable },
    retryQueue: "audit.retry.1000",
  });
});

Deno.test("A direct trigger has one binding for each distinct key", () => {
  const { exchanges, bindings } = plan(direct("direct_logs", ["warning", "error", "warning", ""], handler));

  assert.deepEqual(exchanges, [plain("direct_logs", "direct")]);
  assert.deepEqual(bindings, [
    { exchange: "direct_logs", routingKey: "warning", arguments: {} },
    { exchange: "direct_logs", routingKey: "error", arguments: {} },
    { exchange: "direct_logs", routingKey: "", arguments: {} },
  ]);
});

Deno.test("A topic trigger has one binding for each distinct pattern", () => {
  const { exchanges, bindings } = plan(topic("topic_logs", ["kern.*", "*.critical", "kern.*"], handler));

  assert.deepEqual(exchanges, [plain("topic_logs", "topic")]);
  assert.deepEqual(bindings, [
    { exchange: "topic_logs", routingKey: "kern.*", arguments: {} },
    { exchange: "topic_logs", routingKey: "*.critical", arguments: {} },
  ]);
});

Deno.test("A headers trigger has one binding with its headers and x-match", () => {
  const pairs = { format: "pdf", pages: 3, signed: true };

  assert.deepEqual(plan(headers("reports", { all: pairs }, handler)).bindings, [
    { exchange: "reports", routingKey: "", arguments: { ...pairs, "x-match": "all" } },
  ]);
  assert.deepEqual(plan(headers("reports", { any: pairs }, handler)).bindings, [
    { exchange: "reports", routingKey: "", arguments: { ...pairs, "x-match": "any" } },
  ]);
});

Deno.test("The option 'durable: false' applies to queue and exchange, and not to dead letters", () => {
  const { exchanges, queue, helpers: { deadLetters } } = plan(fanout("logs", { durable: false }, handler));

  assert.equal(exchanges[0]!.durable, false);
  assert.equal(queue.durable, false);
  assert.equal(deadLetters!.durable, true);
});

Deno.test("The option 'exclusive' makes an exchange trigger's queue temporary, and keeps its exchange durable", () => {
  const { exchanges, queue, bindings, helpers: { deadLetters } } = plan(
    fanout("logs", { exclusive: true }, handler),
  );

  assert.deepEqual(exchanges, [plain("logs", "fanout")]);
  assert.deepEqual(queue, { name: "", ...temporary });
  assert.deepEqual(bindings, [{ exchange: "logs", routingKey: "", arguments: {} }]);
  assert.deepEqual(deadLetters, { name: "audit.dead", ...durable }, "they outlive the instance");
});

Deno.test("The option 'exclusive' keeps the name of a queue or an rpc", () => {
  assert.deepEqual(plan(queue("mine", { exclusive: true }, handler)).queue, { name: "mine", ...temporary });
  assert.deepEqual(plan(rpc("mine", { exclusive: true }, handler)).queue, { name: "mine", ...temporary });
});

Deno.test("The option 'queue' names the queue of an exchange trigger", () => {
  const { queue, helpers: { deadLetters } } = plan(topic("logs", "#", { queue: "everything" }, handler));
  assert.equal(queue.name, "everything");
  assert.equal(deadLetters!.name, "everything.dead");
});

Deno.test("A queue has no arguments except those of 'queueType' and 'arguments'", () => {
  const args = { "x-max-length": 10, "x-overflow": "reject-publish" };

  assert.deepEqual(plan(queue("q", { arguments: args }, handler)).queue.arguments, args);
  assert.deepEqual(plan(queue("q", { queueType: "classic" }, handler)).queue.arguments, {});
  assert.deepEqual(plan(queue("q", { queueType: "quorum", arguments: args }, handler)).queue.arguments, {
    ...args,
    "x-queue-type": "quorum",
  });
});

Deno.test("Settings about handling messages do not change what is declared", () => {
  const bare = shown(fanout("logs", handler));
  const said = shown(fanout("logs", {
    ack: "manual",
    prefetch: 1,
    concurrency: 1,
    retry: { attempts: 3, delay: "5s" },
    timeout: "1s",
    instances: 4,
    idle: "1m",
    memory: "64MB",
    permissions: { net: true },
    codec: "text",
    publish: { queue: "results" },
  }, handler));
  assert.deepEqual(said, bare);
});

Deno.test("A function's queue name is known without a plan", () => {
  const name = (declaration: FunctionDeclaration) =>
    queueName(declared(declaration, { name: "billing.charge" }));

  assert.equal(name(queue("orders", handler)), "orders");
  assert.equal(name(rpc("fib", handler)), "fib");
  assert.equal(name(fanout("logs", handler)), "billing.charge");
  assert.equal(name(fanout("logs", { queue: "audit" }, handler)), "audit");
  assert.equal(name(fanout("logs", { exclusive: true }, handler)), "", "the broker's choice");
});

Deno.test("The option 'exchange' changes how the trigger's exchange is declared, and not its queue", () => {
  const exchange = {
    type: "x-delayed-message",
    durable: false,
    autoDelete: true,
    internal: true,
    arguments: { "x-delayed-type": "topic" },
  };
  const { exchanges, queue, bindings } = plan(topic("late", "a.*", { exchange }, handler));

  assert.deepEqual(exchanges, [{ name: "late", ...exchange }]);
  assert.deepEqual(queue, { name: "audit", ...durable });
  assert.deepEqual(bindings, [{ exchange: "late", routingKey: "a.*", arguments: {} }]);
  assert.deepEqual(
    plan(topic("late", "a", { durable: false, exchange: { durable: true } }, handler)).exchanges,
    [plain("late", "topic")],
  );
});

Deno.test("Exchanges that a function emits to are declared with it, and its own options do not apply to them", () => {
  const emits = { orders: "topic", audit: { type: "fanout", durable: false, arguments: { "x-a": 1 } } };

  assert.deepEqual(plan(queue("tasks", { durable: false, emits }, handler)).exchanges, [
    plain("orders", "topic"),
    { ...plain("audit", "fanout"), durable: false, arguments: { "x-a": 1 } },
  ]);
  assert.deepEqual(
    plan(topic("orders", "#", { emits: { orders: "topic" } }, handler)).exchanges,
    [plain("orders", "topic")],
    "the one that it consumes from is declared once",
  );
});

Deno.test("Several exchanges of a trigger are bound to one queue that is named after the function", () => {
  const { exchanges, queue, bindings } = plan(
    topic([["orders", "order.*"], ["billing", ["invoice.#", "refund.*"]]], handler),
  );
  assert.deepEqual(exchanges, [plain("orders", "topic"), plain("billing", "topic")]);
  assert.deepEqual(queue, { name: "audit", ...durable });
  assert.deepEqual(bindings, [
    { exchange: "orders", routingKey: "order.*", arguments: {} },
    { exchange: "billing", routingKey: "invoice.#", arguments: {} },
    { exchange: "billing", routingKey: "refund.*", arguments: {} },
  ]);
  assert.deepEqual(plan(fanout(["logs", "audit"], { exclusive: true }, handler)).queue, {
    name: "",
    ...temporary,
  });
});

Deno.test("An exchange that a trigger names twice is declared once with all its bindings", () => {
  const pdf = { all: { format: "pdf" } };
  const { exchanges, bindings } = plan(
    headers([["files", pdf], ["files", { any: { urgent: true } }], ["files", pdf]], handler),
  );
  assert.deepEqual(exchanges, [plain("files", "headers")]);
  assert.deepEqual(bindings, [
    { exchange: "files", routingKey: "", arguments: { "format": "pdf", "x-match": "all" } },
    { exchange: "files", routingKey: "", arguments: { "urgent": true, "x-match": "any" } },
  ]);
});

Deno.test("The option 'exchange' applies to all exchanges of a trigger, and 'exchanges' to single ones", () => {
  const options = { exchange: { durable: false }, exchanges: { billing: { autoDelete: true } } };
  assert.deepEqual(plan(fanout(["orders", "billing"], options, handler)).exchanges, [
    { ...plain("orders", "fanout"), durable: false },
    { ...plain("billing", "fanout"), durable: false, autoDelete: true },
  ]);
});
