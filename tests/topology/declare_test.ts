import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "amqplib";
import { AmqpConnection } from "../../runtime/link/connection.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { fanout, type FunctionDeclaration, headers, queue, rpc, topic } from "../../runtime/mod.ts";
import { declareTopology } from "../../runtime/topology/declare.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { TopologyRefused } from "../../runtime/topology/refusal.ts";
import { declared } from "../support/declared.ts";
import { differencesOf } from "../support/differences.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();
const handler = () => {};

/** The runtime's connection, and the channel of another program. */
async function withBroker() {
  const vhost = await withVhost(rabbitmq!);
  const runtime = await AmqpConnection.open(parseAmqpUri(vhost.url), "runtime");
  const other = await connect(vhost.url, { noDelay: true });
  return {
    vhost,
    version: other.connection.serverProperties.version,
    other: await other.createChannel(),
    async declare(declaration: FunctionDeclaration, name = "audit") {
      const channel = await runtime.openChannel();
      try {
        return await declareTopology(runtime, channel, planFunction(declared(declaration, { name })));
      } finally {
        await channel.close();
      }
    },
    async [Symbol.asyncDispose]() {
      await runtime.close();
      await other.close();
      await vhost[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  "A function's exchanges, queues and bindings are declared from its settings",
  { ignore: !rabbitmq },
  async () => {
    await using broker = await withBroker();
    const { vhost } = broker;

    assert.equal(await broker.declare(topic("topic_logs", ["kern.*", "#"], handler)), "audit");

    const made = await vhost.inspect("queues", "audit");
    const { typeArgument } = differencesOf(broker.version);
    assert.deepEqual([made.durable, made.exclusive, made.auto_delete, made.arguments], [
      true,
      false,
      false,
      typeArgument,
    ]);
    const exchange = await vhost.inspect("exchanges", "topic_logs");
    assert.deepEqual(
      [exchange.type, exchange.durable, exchange.auto_delete, exchange.internal, exchange.arguments],
      ["topic", true, false, false, {}],
    );
    const bindings = await vhost.inspect("queues", "audit", "bindings");
    assert.deepEqual(
      bindings.map((
        { source, routing_key, arguments: args }: Record<string, unknown>,
      ) => [source, routing_key, args])
        .sort(),
      [["", "audit", {}], ["topic_logs", "#", {}], ["topic_logs", "kern.*", {}]],
    );
  },
);

Deno.test("Another program can declare the same queues and exchanges, before or after Hopper", {
  ignore: !rabbitmq,
}, async () => {
  await using broker = await withBroker();
  await broker.other.assertQueue("task_queue", { durable: true });
  await broker.other.assertExchange("logs", "fanout", { durable: false });

  await broker.declare(queue("task_queue", handler));
  await broker.declare(fanout("logs", { durable: false }, handler));
  await broker.declare(rpc("rpc_queue", { durable: false }, handler));
  await broker.declare(queue("jobs", { queueType: "quorum", arguments: { "x-max-length": 1000 } }, handler));

  await broker.other.assertQueue("rpc_queue", { durable: false });
  await broker.other.assertQueue("jobs", {
    durable: true,
    arguments: { "x-queue-type": "quorum", "x-max-length": 1000 },
  });
});

Deno.test("Declaring a function's topology again changes nothing", { ignore: !rabbitmq }, async () => {
  await using broker = await withBroker();
  const reports = headers("reports", { all: { format: "pdf", pages: 3 } }, handler);
  await broker.declare(reports);
  await broker.other.sendToQueue("audit", Buffer.from("1"));

  assert.equal(await broker.declare(reports), "audit");

  assert.equal((await broker.other.checkQueue("audit")).messageCount, 1);
  assert.equal((await broker.vhost.inspect("queues", "audit", "bindings")).length, 2);
});

Deno.test(
  "An exclusive queue gets a name from the broker, and each instance another one",
  { ignore: !rabbitmq },
  async () => {
    await using broker = await withBroker();
    const logs = fanout("logs", { exclusive: true }, handler);

    const names = [await broker.declare(logs), await broker.declare(logs)];

    assert.ok(names.every((name) => name.startsWith("amq.gen-")), String(names));
    assert.notEqual(names[0], names[1]);
  },
);

Deno.test(
  "A queue or exchange that exists with other settings is refused with advice, and left unchanged",
  { ignore: !rabbitmq },
  async () => {
    await using broker = await withBroker();
    const { other } = broker;
    await other.assertQueue("transient", { durable: false });
    await other.assertQueue("capped", { durable: true, arguments: { "x-max-length": 1000 } });
    await other.assertQueue("replicated", { durable: true, arguments: { "x-queue-type": "quorum" } });
    await other.assertQueue("auto", { durable: true, autoDelete: true });
    await other.assertQueue("locked", { exclusive: true });
    await other.assertQueue("open", { durable: true });
    await other.assertExchange("logs", "direct", { durable: true });
    await other.assertExchange("internal", "fanout", { durable: true, internal: true });
    await other.sendToQueue("transient", Buffer.from("1"));

    const cases: [FunctionDeclaration, code: number, told: RegExp][] = [
      [
        queue("transient", handler),
        406,
        /^Queue 'transient' .*'durable' is false at the broker and true here\. Match it \(durable: false\)/,
      ],
      [
        queue("capped", handler),
        406,
        /'x-max-length' is 1000 at the broker and none here\. Match it \(arguments: { "x-max-length": 1000 }\)/,
      ],
      [
        queue("capped", { arguments: { "x-max-length": 70_000 } }, handler),
        406,
        /is 1000 at the broker and 70000 here/,
      ],
      [
        queue("open", { arguments: { "x-max-length": 5 } }, handler),
        406,
        /is none at the broker and 5 here\. Match it \(remove it/,
      ],
      [queue("replicated", handler), 406, /Match it \(queueType: "quorum"\)/],
      [queue("open", { queueType: "quorum" }, handler), 406, /Match it \(queueType: "classic"\)/],
      [
        queue("auto", handler),
        406,
        /'auto_delete' is true at the broker and false here\. No setting matches it/,
      ],
      [queue("locked", handler), 405, /^Queue 'locked' belongs to another connection/],
      [
        queue("open", { exclusive: true }, handler),
        405,
        /^Queue 'open' exists and is not exclusive to this connection/,
      ],
      [
        fanout("logs", handler),
        406,
        /^Exchange 'logs' .*'type' is direct .* Match it \(use the direct trigger\)/,
      ],
      [
        fanout("internal", handler),
        406,
        /'internal' is true at the broker and false here\. Match it \(exchange: { internal: true }\)/,
      ],
      [fanout("amq.logs", handler), 403, /^The broker gives no permission: .*reserved prefix/],
      [
        queue("new", { arguments: { "x-message-ttl": -1 } }, handler),
        406,
        /^The broker refuses what 'audit' declares: 406 .*value_negative/,
      ],
    ];
    for (const [declaration, code, told] of cases) {
      const error = await broker.declare(declaration).catch((error) => error);
      assert.ok(error instanceof TopologyRefused, `${told}: ${error}`);
      assert.equal(error.replyCode, code);
      assert.match(error.message, told);
    }
    assert.equal((await other.checkQueue("transient")).messageCount, 1);
    assert.equal((await broker.vhost.inspect("exchanges", "logs")).type, "direct");
  },
);
