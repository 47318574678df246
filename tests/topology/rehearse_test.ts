import assert from "node:assert/strict";
import { AmqpConnection } from "../../runtime/link/connection.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { fanout, type FunctionDeclaration, headers, queue, rpc, topic } from "../../runtime/mod.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { rehearse } from "../../runtime/topology/rehearse.ts";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { declared } from "../support/declared.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();
const handler = () => {};

/** A broker with what `prepare` declared, and how it refuses a function there. */
async function withRefusals(prepare: (other: Broker) => Promise<unknown>) {
  const vhost = await withVhost(rabbitmq!);
  const other = await connectBroker(vhost.url);
  await prepare(other);
  const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "rehearsal");
  return {
    other,
    async refusal(declaration: FunctionDeclaration) {
      return (await rehearse(connection, planFunction(declared(declaration, { name: "audit" }))))?.message;
    },
    async [Symbol.asyncDispose]() {
      await connection.close();
      await other[Symbol.asyncDispose]();
      await vhost[Symbol.asyncDispose]();
    },
  };
}

/** Whether something exists. Uses its own channel, because the answer no closes it. */
async function exists(broker: Broker, kind: "Queue" | "Exchange", name: string): Promise<boolean> {
  const channel = await broker.connection.createChannel();
  channel.on("error", () => {});
  try {
    await channel[`check${kind}`](name);
    await channel.close();
    return true;
  } catch {
    return false;
  }
}

Deno.test(
  "A rehearsal on an empty broker refuses nothing and declares nothing",
  { ignore: !rabbitmq },
  async () => {
    await using broker = await withRefusals(() => Promise.resolve());

    for (
      const declaration of [
        queue("tasks", handler),
        rpc("call", handler),
        fanout("logs", handler),
        topic("topics", "#", { exclusive: true }, handler),
        headers("reports", { all: { format: "pdf" } }, handler),
      ]
    ) {
      assert.equal(await broker.refusal(declaration), undefined);
    }

    for (const name of ["tasks", "call", "audit"]) {
      assert.equal(await exists(broker.other, "Queue", name), false);
    }
    for (const name of ["logs", "topics", "reports"]) {
      assert.equal(await exists(broker.other, "Exchange", name), false);
    }
  },
);

Deno.test("A rehearsal accepts what exists as the function declares it", { ignore: !rabbitmq }, async () => {
  await using broker = await withRefusals(async ({ channel }) => {
    await channel.assertQueue("tasks", { durable: true });
    await channel.assertExchange("logs", "fanout", { durable: true });
  });

  assert.equal(await broker.refusal(queue("tasks", handler)), undefined);
  assert.equal(await broker.refusal(fanout("logs", handler)), undefined);
  assert.equal(await exists(broker.other, "Queue", "audit"), false);
});

Deno.test(
  "A rehearsal refuses what exists with other settings, and says what to write",
  { ignore: !rabbitmq },
  async () => {
    await using broker = await withRefusals(async ({ channel }) => {
      await channel.assertQueue("tasks", { durable: false });
      await channel.assertQueue("audit", { durable: true, arguments: { "x-max-length": 10 } });
      await channel.assertExchange("logs", "direct", { durable: true });
      await channel.assertExchange("topics", "topic", { durable: true });
    });

    assert.match((await broker.refusal(queue("tasks", handler)))!, /Match it \(durable: false\)/);
    assert.match((await broker.refusal(fanout("logs", handler)))!, /Match it \(use the direct trigger\)/);
    assert.match(
      (await broker.refusal(topic("topics", "#", handler)))!,
      /Queue 'audit' .*"x-max-length": 10/,
    );
  },
);

Deno.test(
  "A rehearsal refuses a queue that is exclusive to another connection, except for an exclusive function",
  {
    ignore: !rabbitmq,
  },
  async () => {
    await using broker = await withRefusals(async ({ channel }) => {
      await channel.assertQueue("locked", { exclusive: true, durable: false });
      await channel.assertQueue("open", { durable: true });
    });

    assert.match((await broker.refusal(queue("locked", handler)))!, /^Queue 'locked' belongs to another/);
    assert.equal(await broker.refusal(queue("locked", { exclusive: true }, handler)), undefined);
    assert.match(
      (await broker.refusal(queue("open", { exclusive: true }, handler)))!,
      /^Queue 'open' exists and/,
    );
  },
);

Deno.test("A rehearsal with 'declare: \"passive\"' requires what others own, and declares nothing", {
  ignore: !rabbitmq,
}, async () => {
  await using broker = await withRefusals(({ channel }) => channel.assertQueue("tasks", { durable: true }));
  const passive = { declare: "passive", retry: false } as const;

  assert.equal(await broker.refusal(queue("tasks", { ...passive, deadLetter: false }, handler)), undefined);
  assert.match(
    (await broker.refusal(queue("tasks", passive, handler)))!,
    /^Queue 'tasks\.dead' does not exist, and with declare: "passive" nothing is declared/,
  );
  assert.match(
    (await broker.refusal(topic("orders", "#", passive, handler)))!,
    /^Exchange 'orders' does not exist, .* a binding of queue 'audit' to 'orders' with key '#'; /,
  );
  assert.equal(await exists(broker.other, "Queue", "tasks.dead"), false);
  assert.equal(await exists(broker.other, "Exchange", "orders"), false);
});

Deno.test(
  "A rehearsal checks the exchanges of 'emits', and an unknown type does not end its connection",
  { ignore: !rabbitmq },
  async () => {
    await using broker = await withRefusals(({ channel }) => channel.assertExchange("orders", "topic"));
    const emitting = (type: string, name = "orders") => queue("tasks", { emits: { [name]: type } }, handler);

    assert.equal(await broker.refusal(emitting("topic")), undefined);
    assert.equal(await broker.refusal(emitting("x-nobody-knows", "new")), undefined, "nothing is made");
    assert.match(
      (await broker.refusal(emitting("fanout")))!,
      /Match it \(emits: { "orders": { type: "topic" } }\)/,
    );
    assert.match(
      (await broker.refusal(emitting("x-nobody-knows")))!,
      /^The broker does not know the exchange type 'x-nobody-knows'/,
    );
    assert.equal(await broker.refusal(emitting("topic")), undefined, "the connection is there still");
  },
);
