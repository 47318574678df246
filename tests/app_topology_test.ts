import assert from "node:assert/strict";
import { connectBroker } from "./support/amqp.ts";
import { runApp } from "./support/app.ts";
import type { Vhost } from "./support/rabbitmq.ts";
import { testOnBroker } from "./support/test_on_broker.ts";

interface QueueInfo {
  durable: boolean;
  exclusive: boolean;
  auto_delete: boolean;
  type: string;
  arguments: Record<string, unknown>;
}

/** How the management API shows a classic queue that any program declared. */
async function plainAt(vhost: Vhost) {
  await using broker = await connectBroker(vhost.url);
  return {
    durable: true,
    exclusive: false,
    auto_delete: false,
    type: "classic",
    arguments: broker.expected.typeArgument,
  };
}

const declared = ({ durable, exclusive, auto_delete, type, arguments: args }: QueueInfo) => ({
  durable,
  exclusive,
  auto_delete,
  type,
  arguments: args,
});

testOnBroker("Queues are declared with exactly the flags of the settings", async ({ vhost }) => {
  await using _app = await runApp({
    functions: {
      plain: `export default queue("plain", () => {});`,
      transient: `export default queue("transient", { durable: false }, () => {});`,
      quorum: `export default queue("quorum", { queueType: "quorum" }, () => {});`,
      limited: `export default queue("limited", {
        arguments: { "x-max-length": 10, "x-overflow": "reject-publish", "x-single-active-consumer": true },
      }, () => {});`,
      own: `export default queue("own", { exclusive: true }, () => {});`,
      called:
        `export default rpc("called", { durable: false, arguments: { "x-expires": 60000 } }, () => {});`,
      "logs/audit": `export default fanout("logs", () => {});`,
      named: `export default direct("levels", "error", { queue: "errors", durable: false }, () => {});`,
    },
    broker: vhost.url,
  });
  const queue = async (name: string) => declared(await vhost.inspect("queues", name));
  const plain = await plainAt(vhost);

  assert.deepEqual(await queue("plain"), plain);
  assert.deepEqual(await queue("transient"), { ...plain, durable: false });
  assert.deepEqual(await queue("quorum"), {
    ...plain,
    type: "quorum",
    arguments: { "x-queue-type": "quorum" },
  });
  assert.deepEqual(await queue("limited"), {
    ...plain,
    arguments: {
      "x-max-length": 10,
      "x-overflow": "reject-publish",
      "x-single-active-consumer": true,
      ...plain.arguments,
    },
  });
  assert.deepEqual(await queue("own"), { ...plain, durable: false, exclusive: true });
  assert.deepEqual(await queue("called"), {
    ...plain,
    durable: false,
    arguments: { "x-expires": 60000, ...plain.arguments },
  });
  assert.deepEqual(await queue("logs.audit"), plain);
  assert.deepEqual(await queue("errors"), { ...plain, durable: false });
  assert.equal(await vhost.inspect("queues", "plain.dead"), undefined, "made when the first dead letter is");
});

testOnBroker("Exchanges and bindings are declared from the triggers", async ({ vhost }) => {
  await using app = await runApp({
    functions: {
      fanout: `export default fanout("news", { durable: false }, () => {});`,
      direct: `export default direct("levels", ["warning", "error"], () => {});`,
      topic: `export default topic("facilities", ["kern.*", "#"], () => {});`,
      headers:
        `export default headers("papers", { any: { format: "pdf", pages: 2, draft: false } }, () => {});`,
      temporary: `export default topic("facilities", "cron.*", { exclusive: true }, () => {});`,
    },
    broker: vhost.url,
  });
  const exchange = async (name: string) => {
    const { type, durable, auto_delete, internal, arguments: args } = await vhost.inspect("exchanges", name);
    return { type, durable, auto_delete, internal, arguments: args };
  };
  const bindings = async (queue: string) =>
    (await vhost.inspect("queues", queue, "bindings"))
      // The broker itself binds every queue to the default exchange.
      .filter(({ source }: { source: string }) => source !== "")
      .map((b: Record<string, unknown>) => [b.source, b.routing_key, b.arguments])
      .toSorted();
  const flags = { durable: true, auto_delete: false, internal: false, arguments: {} };

  assert.deepEqual(await exchange("news"), { ...flags, type: "fanout", durable: false });
  assert.deepEqual(await exchange("levels"), { ...flags, type: "direct" });
  assert.deepEqual(await exchange("facilities"), { ...flags, type: "topic" });
  assert.deepEqual(await exchange("papers"), { ...flags, type: "headers" });
  assert.deepEqual(await bindings("fanout"), [["news", "", {}]]);
  assert.deepEqual(await bindings("direct"), [["levels", "error", {}], ["levels", "warning", {}]]);
  assert.deepEqual(await bindings("topic"), [["facilities", "#", {}], ["facilities", "kern.*", {}]]);
  assert.deepEqual(await bindings("headers"), [
    ["papers", "", { format: "pdf", pages: 2, draft: false, "x-match": "any" }],
  ]);
  const { queue } = await app.event("attached", { function: "temporary" });
  assert.match(queue, /^amq\.gen-/);
  assert.deepEqual(declared(await vhost.inspect("queues", queue)), {
    ...await plainAt(vhost),
    durable: false,
    exclusive: true,
  });
  assert.deepEqual(await bindings(queue), [["facilities", "cron.*", {}]]);
});

testOnBroker(
  "Another program can declare a function's queue with the same settings",
  async ({ broker }) => {
    await broker.channel.assertQueue("hello", { durable: false });
    await broker.channel.assertExchange("logs", "fanout", { durable: true });
    await using app = await runApp({
      functions: {
        hello: `export default queue("hello", { durable: false }, () => {});`,
        logs: `export default fanout("logs", () => {});`,
      },
      broker,
    });

    await broker.channel.assertQueue("hello", { durable: false });
    await broker.channel.assertQueue("logs", { durable: true });

    assert.deepEqual(app.app.missing(), []);
  },
);

testOnBroker(
  "Settings of a function in deploy.config.ts override those of its file, which override the defaults",
  async ({ vhost }) => {
    await using _app = await runApp({
      functions: {
        "billing/charge": `export default queue("charge", { durable: true }, () => {});`,
        other: `export default queue("other", { durable: true }, () => {});`,
        silent: `export default queue("silent", () => {});`,
      },
      config: { defaults: { durable: false }, functions: { "billing.*": { durable: false } } },
      broker: vhost.url,
    });

    assert.equal((await vhost.inspect("queues", "charge")).durable, false);
    assert.equal((await vhost.inspect("queues", "other")).durable, true);
    assert.equal((await vhost.inspect("queues", "silent")).durable, false);
  },
);

testOnBroker(
  "A queue that exists with other settings stops only its function, and is not declared again",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("taken", { durable: false });
    await broker.send("taken", "stays");
    await broker.channel.assertQueue("limited", { arguments: { "x-max-length": 5 } });
    await broker.channel.assertExchange("logs", "direct");
    await using app = await runApp({
      functions: {
        flag: `export default queue("taken", () => {});`,
        argument: `export default queue("limited", { arguments: { "x-max-length": 6 } }, () => {});`,
        type: `export default fanout("logs", () => {});`,
        good: `export default queue("good", (text, { log }) => log(text));`,
      },
      broker,
    });
    const why = (name: string) => app.seen("detached", { function: name })[0]!.error;

    assert.equal(
      why("flag"),
      "Queue 'taken' exists with other settings: 'durable' is false at the broker and true here. " +
        "Match it (durable: false), use another name, or delete the queue at the broker once nothing needs it; " +
        "Hopper never does",
    );
    assert.match(
      why("argument"),
      /'x-max-length' is 5 at the broker and 6 here\. Match it \(arguments: \{ "x-max-length": 5 \}\)/,
    );
    assert.match(
      why("type"),
      /^Exchange 'logs' exists with other settings: 'type' is direct at the broker and fanout here\. Match it \(use the direct trigger\)/,
    );
    assert.deepEqual(app.app.missing().map((line) => line.split(":")[0]), ["argument", "flag", "type"]);
    await broker.send("good", "still served");
    await app.event("handled", { function: "good" });
    assert.equal((await vhost.inspect("queues", "taken")).durable, false);
    assert.equal(await broker.waiting("taken"), 1);
    assert.deepEqual((await vhost.inspect("queues", "limited")).arguments, {
      "x-max-length": 5,
      ...broker.expected.typeArgument,
    });
    assert.equal((await vhost.inspect("exchanges", "logs")).type, "direct");
  },
);

testOnBroker(
  "A queue that exists with another type is refused with the type to write",
  async ({ broker }) => {
    await broker.channel.assertQueue("replicated", { arguments: { "x-queue-type": "quorum" } });
    await broker.channel.assertQueue("plain");
    await using app = await runApp({
      functions: {
        classic: `export default queue("replicated", () => {});`,
        quorum: `export default queue("plain", { queueType: "quorum" }, () => {});`,
      },
      broker,
    });
    const why = (name: string) => app.seen("detached", { function: name })[0]!.error;

    assert.match(
      why("classic"),
      /'x-queue-type' is quorum at the broker and .* here\. Match it \(queueType: "quorum"\)/,
    );
    assert.match(
      why("quorum"),
      /'x-queue-type' is .* at the broker and quorum here\. Match it \(queueType: "classic"\)/,
    );
  },
);

testOnBroker(
  "A queue that is exclusive to another connection is refused with what to do",
  async ({ vhost }) => {
    const functions = { own: `export default queue("own", { exclusive: true }, () => {});` };
    await using _first = await runApp({ functions, broker: vhost.url });
    await using second = await runApp({ functions, broker: vhost.url });

    assert.equal(
      second.seen("detached")[0]!.error,
      "Queue 'own' exists and is not exclusive to this connection: stop the other program, remove 'exclusive', or use " +
        "another name",
    );
  },
);
