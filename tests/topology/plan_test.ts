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

Deno.test("A queue trigger is its queue and nothing else", () => {
  assert.deepEqual(shown(queue("task_queue", handler)), {
    function: "audit",
    exchanges: [],
    queue: { name: "task_queue", ...durable },
    bindings: [],
    deadLetters: { name: "task_queue.dead", ...durable },
    retryQueue: "task_queue.retry.1000",
  });
});

Deno.test("An rpc is its queue, without dead letters", () => {
  assert.deepEqual(shown(rpc("rpc_queue", { durable: false, prefetch: 1 }, handler)), {
    function: "audit",
    exchanges: [],
    queue: { name: "rpc_queue", ...durable, durable: false },
    bindings: [],
    deadLetters: undefined,
    retryQueue: "rpc_queue.retry.1000",
  });
});

Deno.test("A fanout's own queue bears the function's name", () => {
  assert.deepEqual(shown(fanout("logs", handler)), {
    function: "audit",
    exchanges: [plain("logs", "fanout")],
    queue: { name: "audit", ...durable },
    bindings: [{ exchange: "logs", routingKey: "", arguments: {} }],
    deadLetters: { name: "audit.dead", ...durable },
    retryQueue: "audit.retry.1000",
  });
});

Deno.test("A direct trigger is a binding for each key, once", () => {
  const { exchanges, bindings } = plan(direct("direct_logs", ["warning", "error", "warning", ""], handler));

  assert.deepEqual(exchanges, [plain("direct_logs", "direct")]);
  assert.deepEqual(bindings, [
    { exchange: "direct_logs", routingKey: "warning", arguments: {} },
    { exchange: "direct_logs", routingKey: "error", arguments: {} },
    { exchange: "direct_logs", routingKey: "", arguments: {} },
  ]);
});

Deno.test("A topic trigger is a binding for each pattern, once", () => {
  const { exchanges, bindings } = plan(topic("topic_logs", ["kern.*", "*.critical", "kern.*"], handler));

  assert.deepEqual(exchanges, [plain("topic_logs", "topic")]);
  assert.deepEqual(bindings, [
    { exchange: "topic_logs", routingKey: "kern.*", arguments: {} },
    { exchange: "topic_logs", routingKey: "*.critical", arguments: {} },
  ]);
});

Deno.test("A headers trigger is one binding with its pairs and x-match", () => {
  const pairs = { format: "pdf", pages: 3, signed: true };

  assert.deepEqual(plan(headers("reports", { all: pairs }, handler)).bindings, [
    { exchange: "reports", routingKey: "", arguments: { ...pairs, "x-match": "all" } },
  ]);
  assert.deepEqual(plan(headers("reports", { any: pairs }, handler)).bindings, [
    { exchange: "reports", routingKey: "", arguments: { ...pairs, "x-match": "any" } },
  ]);
});

Deno.test("'durable: false' is said of queue and exchange, and not of dead letters", () => {
  const { exchanges, queue, helpers: { deadLetters } } = plan(fanout("logs", { durable: false }, handler));

  assert.equal(exchanges[0]!.durable, false);
  assert.equal(queue.durable, false);
  assert.equal(deadLetters!.durable, true);
});

Deno.test("'exclusive' asks the broker for a temporary queue; the exchange stays", () => {
  const { exchanges, queue, bindings, helpers: { deadLetters } } = plan(
    fanout("logs", { exclusive: true }, handler),
  );

  assert.deepEqual(exchanges, [plain("logs", "fanout")]);
  assert.deepEqual(queue, { name: "", ...temporary });
  assert.deepEqual(bindings, [{ exchange: "logs", routingKey: "", arguments: {} }]);
  assert.deepEqual(deadLetters, { name: "audit.dead", ...durable }, "they outlive the instance");
});

Deno.test("'exclusive' on a named queue keeps its name", () => {
  assert.deepEqual(plan(queue("mine", { exclusive: true }, handler)).queue, { name: "mine", ...temporary });
  assert.deepEqual(plan(rpc("mine", { exclusive: true }, handler)).queue, { name: "mine", ...temporary });
});

Deno.test("'queue' names an exchange trigger's own queue", () => {
  const { queue, helpers: { deadLetters } } = plan(topic("logs", "#", { queue: "everything" }, handler));
  assert.equal(queue.name, "everything");
  assert.equal(deadLetters!.name, "everything.dead");
});

Deno.test("'queueType' and 'arguments' are the only arguments there are", () => {
  const args = { "x-max-length": 10, "x-overflow": "reject-publish" };

  assert.deepEqual(plan(queue("q", { arguments: args }, handler)).queue.arguments, args);
  assert.deepEqual(plan(queue("q", { queueType: "classic" }, handler)).queue.arguments, {});
  assert.deepEqual(plan(queue("q", { queueType: "quorum", arguments: args }, handler)).queue.arguments, {
    ...args,
    "x-queue-type": "quorum",
  });
});

Deno.test("Settings of how messages are handled leave no trace in what is declared", () => {
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

Deno.test("Without dead letters there is no queue for them", () => {
  assert.equal(plan(queue("q", { deadLetter: false }, handler)).helpers.deadLetters, undefined);
  assert.equal(plan(queue("q", { ack: "none" }, handler)).helpers.deadLetters, undefined);
});

Deno.test("A retry queue holds a message for its delay and gives it back to the queue it came from", () => {
  const { queue: { name }, helpers } = plan(queue("orders", handler));

  assert.deepEqual(helpers.retry(name, 5000), {
    name: "orders.retry.5000",
    ...durable,
    arguments: {
      "x-message-ttl": 5000,
      "x-expires": 3_605_000,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "orders",
    },
    lease: 3_600_000,
  });
});

Deno.test("A retry queue outlives the longest wait by its lease, and a quorum one never expires", () => {
  for (const ms of [1, 5000, 5 * 86_400_000, 2_000_000_000]) {
    const classic = plan(queue("orders", handler)).helpers.retry("orders", ms);
    assert.equal(Number(classic.arguments["x-expires"]) - ms, classic.lease);
    const quorum = plan(queue("orders", { queueType: "quorum" }, handler)).helpers.retry("orders", ms);
    assert.equal("x-expires" in quorum.arguments, false);
  }
});

Deno.test("An exclusive function's retry queues bear its name and its instance's queue", () => {
  const { name, arguments: args } = plan(fanout("logs", { exclusive: true }, handler))
    .helpers.retry("amq.gen-abc", 1000);

  assert.equal(name, "audit.retry.1000.amq.gen-abc");
  assert.equal(args["x-dead-letter-routing-key"], "amq.gen-abc");
});

Deno.test("A queue's name can be told without a plan", () => {
  const name = (declaration: FunctionDeclaration) =>
    queueName(declared(declaration, { name: "billing.charge" }));

  assert.equal(name(queue("orders", handler)), "orders");
  assert.equal(name(rpc("fib", handler)), "fib");
  assert.equal(name(fanout("logs", handler)), "billing.charge");
  assert.equal(name(fanout("logs", { queue: "audit" }, handler)), "audit");
  assert.equal(name(fanout("logs", { exclusive: true }, handler)), "", "the broker's choice");
});

Deno.test("What fails in a quorum queue is kept in quorum queues, and comes back from them at least once", () => {
  const { helpers } = plan(queue("orders", { queueType: "quorum" }, handler));
  const retry = helpers.retry("orders", 1000).arguments;

  assert.equal(helpers.deadLetters?.arguments["x-queue-type"], "quorum");
  assert.equal(retry["x-queue-type"], "quorum");
  assert.equal(retry["x-dead-letter-strategy"], "at-least-once");
  // Without this one RabbitMQ takes the strategy for at-most-once.
  assert.equal(retry["x-overflow"], "reject-publish");
});

Deno.test("'exchange' says how a trigger's exchange is declared, and nothing of its queue", () => {
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

Deno.test("Exchanges that a function emits to are its own too, whatever becomes of its queue", () => {
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

Deno.test("What others own is checked, with a retry queue for each wait and one for dead letters", () => {
  const needed = (declaration: FunctionDeclaration) => plan(declaration).passive?.map(({ name }) => name);
  const passive = { declare: "passive" } as const;

  assert.equal(needed(queue("q", handler)), undefined);
  assert.deepEqual(needed(queue("q", passive, handler)), [
    "q.retry.1000",
    "q.retry.4000",
    "q.retry.16000",
    "q.retry.64000",
    "q.dead",
  ]);
  assert.deepEqual(needed(queue("q", { ...passive, retry: { factor: 1 } }, handler)), [
    "q.retry.1000",
    "q.dead",
  ]);
  assert.deepEqual(needed(queue("q", { ...passive, retry: false }, handler)), ["q.dead"]);
  assert.deepEqual(needed(queue("q", { ...passive, retry: false, deadLetter: false }, handler)), []);
  assert.deepEqual(needed(queue("q", { ...passive, ack: "none" }, handler)), []);
  assert.deepEqual(needed(rpc("q", passive, handler)), []);
});

Deno.test("A retry queue that others own does not expire: nobody would renew it", () => {
  const { helpers } = plan(queue("q", { declare: "passive" }, handler));

  assert.deepEqual(helpers.retry("q", 1000), {
    ...durable,
    name: "q.retry.1000",
    owned: true,
    arguments: {
      "x-message-ttl": 1000,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "q",
    },
  });
});

Deno.test("Several exchanges are bound to one queue, which bears the function's name", () => {
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

Deno.test("An exchange that is written twice is declared once, with all its bindings", () => {
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

Deno.test("'exchange' is for every exchange of a trigger, and 'exchanges' for single ones", () => {
  const options = { exchange: { durable: false }, exchanges: { billing: { autoDelete: true } } };
  assert.deepEqual(plan(fanout(["orders", "billing"], options, handler)).exchanges, [
    { ...plain("orders", "fanout"), durable: false },
    { ...plain("billing", "fanout"), durable: false, autoDelete: true },
  ]);
});
