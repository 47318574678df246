import assert from "node:assert/strict";
import { contract, counts, refused, type Session } from "../support/contract.ts";

async function gone(broker: Session, kind: "queue" | "exchange", name: string): Promise<void> {
  const channel = await broker.channel();
  await refused(
    channel.call(`${kind}.declare`, { [kind]: name, passive: true }),
    404,
    `NOT_FOUND - no ${kind} '${name}' in vhost '/'`,
  );
}

/** The same for an exchange that may exist for a moment longer. */
async function goneSoon(broker: Session, exchange: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const channel = await broker.channel();
    const isThere = await channel.call("exchange.declare", { exchange, passive: true }).catch(() =>
      undefined
    );
    if (isThere === undefined) break;
  }
  await gone(broker, "exchange", exchange);
}

contract("An auto-delete queue is deleted when its consumer's channel closes", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { autoDelete: true });
  await channel.call("basic.consume", { queue });
  await channel.call("channel.close", { code: 200 });
  await gone(broker, "queue", queue);
});

contract("An auto-delete queue is deleted when its consumer's connection closes", async (broker) => {
  const connection = await broker.connect();
  const channel = await connection.channel();
  const queue = await broker.queue(channel, { autoDelete: true, durable: true });
  await channel.call("basic.consume", { queue });
  await connection.close();
  await gone(broker, "queue", queue);
});

contract(
  "An auto-delete queue is deleted with its messages when its exclusive consumer is cancelled",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel, { autoDelete: true });
    await channel.call("basic.consume", { queue, exclusive: true, consumerTag: "mine" });
    await broker.fill(queue, ["unacknowledged"]);
    await channel.bodies(1);
    await channel.call("basic.cancel", { consumerTag: "mine" });
    await gone(broker, "queue", queue);
  },
);

contract(
  "An auto-delete queue is not deleted by the end of its connection, a get or a refused consumer",
  async (broker) => {
    const connection = await broker.connect();
    const channel = await connection.channel();
    const queue = await broker.queue(channel, { autoDelete: true });
    await channel.get(queue);
    await refused(
      channel.call("basic.consume", { queue, arguments: { "x-priority": "high" } }),
      406,
      `PRECONDITION_FAILED - invalid arg 'x-priority' for queue '${queue}' in vhost '/': "expected integer, got longstr"`,
    );
    await connection.close();
    assert.deepEqual(await counts(await broker.channel(), queue), { messages: 0, consumers: 0 });
  },
);

contract(
  "Auto-delete exchanges that are bound in a chain are deleted one after another, up to the source",
  async (broker) => {
    const channel = await broker.channel();
    const exchanges: string[] = [];
    for (let i = 0; i < 3; i++) {
      exchanges.push(
        await broker.exchange(channel, "fanout", { autoDelete: true }),
      );
    }
    const [first, second, third] = exchanges as [string, string, string];
    const queue = await broker.queue(channel);
    await channel.call("exchange.bind", { source: first, destination: second });
    await channel.call("exchange.bind", { source: second, destination: third });
    await channel.call("queue.bind", { queue, exchange: third });
    await channel.call("queue.unbind", { queue, exchange: third });
    for (const exchange of exchanges) await gone(broker, "exchange", exchange);
  },
);

contract("An exchange that is only the destination of bindings counts as unused", async (broker) => {
  const channel = await broker.channel();
  const [source, destination] = [
    await broker.exchange(channel, "fanout"),
    await broker.exchange(channel, "fanout"),
  ];
  await channel.call("exchange.bind", { source, destination });
  await channel.call("exchange.delete", { exchange: destination, ifUnused: true });
  await channel.call("exchange.delete", { exchange: source, ifUnused: true });
});

contract(
  "An exclusive queue's bindings keep an auto-delete exchange until its connection closes",
  async (broker) => {
    const connection = await broker.connect();
    const channel = await connection.channel();
    const exchange = await broker.exchange(channel, "fanout", { autoDelete: true });
    const queue = await broker.queue(channel, { exclusive: true });
    await channel.call("queue.bind", { queue, exchange });
    await (await broker.channel()).call("exchange.declare", { exchange, passive: true });
    await connection.close();
    if (broker.expected.goesAtOnce) await gone(broker, "exchange", exchange);
    else await goneSoon(broker, exchange);
  },
);
