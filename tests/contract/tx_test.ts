import assert from "node:assert/strict";
import { contract, drain, refused } from "../support/contract.ts";
import type { Refused } from "../support/wire_connection.ts";

const partial = [406, "PRECONDITION_FAILED - partial tx completion"] as const;

contract("Messages of a transaction arrive after the commit", async (broker) => {
  const [channel, another] = [await broker.channel(), await broker.channel()];
  const queue = await broker.queue(channel);
  assert.deepEqual(await channel.call("tx.select"), {});
  for (const body of ["1", "2"]) await channel.publish("", queue, body);
  assert.equal(await another.get(queue), undefined);
  assert.deepEqual(await channel.call("tx.commit"), {});
  assert.deepEqual(await drain(another, queue), ["1", "2"]);
});

contract("Messages of a transaction are dropped by a rollback", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("tx.select");
  await channel.publish("", queue, "gone");
  assert.deepEqual(await channel.call("tx.rollback"), {});
  await channel.call("tx.commit");
  assert.deepEqual(await drain(channel, queue), []);
});

contract("Messages of an unfinished transaction are dropped when its channel closes", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("tx.select");
  await channel.publish("", queue, "gone");
  await channel.call("channel.close", { code: 200 });
  assert.deepEqual(await drain(await broker.channel(), queue), []);
});

contract("Acknowledgements of a transaction apply after the commit", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["1", "2"]);
  await channel.call("tx.select");
  for (let i = 0; i < 2; i++) await channel.get(queue);
  await channel.send("basic.ack", { deliveryTag: 1 });
  await channel.call("tx.commit");
  await channel.send("basic.ack", { deliveryTag: 2 });
  await channel.call("channel.close", { code: 200 });
  assert.deepEqual(await drain(await broker.channel(), queue), ["2"]);
});

contract("Acknowledgements that were rolled back can be made again", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["1"]);
  await channel.call("tx.select");
  await channel.get(queue);
  await channel.send("basic.ack", { deliveryTag: 1 });
  await channel.call("tx.rollback");
  assert.equal(await channel.get(queue), undefined, "a rollback redelivers nothing");
  await channel.send("basic.ack", { deliveryTag: 1 });
  await channel.call("tx.commit");
  await channel.call("channel.close", { code: 200 });
  assert.deepEqual(await drain(await broker.channel(), queue), []);
});

contract("A rejection in a transaction requeues at the commit", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["1"]);
  await channel.call("tx.select");
  await channel.get(queue);
  await channel.send("basic.nack", { deliveryTag: 1, requeue: true });
  assert.equal(await channel.get(queue), undefined);
  await channel.call("tx.commit");
  assert.equal((await channel.get(queue))?.redelivered, true);
});

contract("An unroutable mandatory message of a transaction is returned at the commit", async (broker) => {
  const channel = await broker.channel();
  await channel.call("tx.select");
  await channel.publish("", broker.unique("nobody"), "returned", { mandatory: true });
  await channel.call("basic.qos", {});
  assert.deepEqual(channel.inbox.items, []);
  await channel.send("tx.commit");
  assert.equal((await channel.returned()).body, "returned");
  await channel.next("tx.commit-ok");
});

contract("Publishing to a missing exchange in a transaction is refused before the commit", async (broker) => {
  const channel = await broker.channel();
  const missing = broker.unique("missing");
  await channel.call("tx.select");
  await channel.publish(missing, "key", "");
  await refused(channel.refused(), 404, `NOT_FOUND - no exchange '${missing}' in vhost '/'`);
});

contract("An unknown delivery tag in a transaction is refused at once", async (broker) => {
  const channel = await broker.channel();
  await channel.call("tx.select");
  await channel.send("basic.ack", { deliveryTag: 7 });
  await refused(channel.refused(), 406, "PRECONDITION_FAILED - unknown delivery tag 7");
});

contract("A commit or rollback without a transaction is refused", async (broker) => {
  for (const method of ["tx.commit", "tx.rollback"]) {
    const channel = await broker.channel();
    await refused(channel.call(method), 406, "PRECONDITION_FAILED - channel is not transactional");
  }
});

contract("A second tx.select changes nothing", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("tx.select");
  await channel.publish("", queue, "kept");
  await channel.call("tx.select");
  await channel.call("tx.commit");
  assert.deepEqual(await drain(channel, queue), ["kept"]);
});

contract(
  "A transaction's message to a queue that is deleted before the commit is returned, or the commit fails",
  async (broker) => {
    for (const exchange of ["", "amq.direct"]) {
      const connection = await broker.connect();
      const channel = await connection.channel();
      const queue = await broker.queue(channel);
      if (exchange) await channel.call("queue.bind", { queue, exchange, routingKey: queue });
      await channel.call("tx.select");
      await channel.publish(exchange, queue, "lost", { mandatory: true });
      await channel.call("queue.delete", { queue });
      switch (broker.expected.goneInTransaction) {
        case undefined:
          await channel.send("tx.commit");
          assert.equal((await channel.returned()).body, "lost");
          await channel.next("tx.commit-ok");
          break;
        case "channel":
          await refused(channel.call("tx.commit"), ...partial);
          break;
        case "connection":
          await assert.rejects(channel.call("tx.commit"), ({ code, scope, text }: Refused) => {
            assert.deepEqual({ code, scope }, { code: 506, scope: "connection" });
            // RabbitMQ breaks the line, depending on the queue's name.
            const term = `{not_found,{resource,<<"/">>,queue,<<"${queue}">>}}`;
            assert.equal(
              text.replace(/\s*\n\s*/, ""),
              `RESOURCE_ERROR - failed to deliver message: ${term}`,
            );
            return true;
          });
      }
    }
  },
);

contract(
  "A transaction's message to a queue that is deleted and declared again before the commit arrives, or the commit fails",
  async (broker) => {
    for (const exchange of ["", "amq.direct"]) {
      const channel = await broker.channel();
      const queue = await broker.queue(channel);
      if (exchange) await channel.call("queue.bind", { queue, exchange, routingKey: queue });
      await channel.call("tx.select");
      await channel.publish(exchange, queue, "1", { mandatory: true });
      await channel.call("queue.delete", { queue });
      await channel.call("queue.declare", { queue });
      if (broker.expected.transactionQueues === "at publish") {
        await refused(channel.call("tx.commit"), ...partial);
        assert.deepEqual(await drain(await broker.channel(), queue), []);
      } else {
        await channel.call("tx.commit");
        assert.deepEqual(await drain(channel, queue), ["1"]);
      }
    }
  },
);

contract(
  "A queue that is first declared before the commit gets a transaction's message if queues are looked up at the commit",
  async (broker) => {
    const channel = await broker.channel();
    const queue = broker.unique("late");
    await channel.call("tx.select");
    await channel.publish("", queue, "1", { mandatory: true });
    await channel.publish("", broker.unique("elsewhere"), "2", { headers: { CC: [queue, queue] } });
    await channel.call("queue.declare", { queue });
    await channel.send("tx.commit");
    const isAtPublish = broker.expected.transactionQueues === "at publish";
    if (isAtPublish) assert.equal((await channel.returned()).body, "1");
    await channel.next("tx.commit-ok");
    assert.deepEqual(await drain(channel, queue), isAtPublish ? [] : ["1", "2"]);
  },
);

contract(
  "A message of a transaction is routed by the bindings at its publish, not at the commit",
  async (broker) => {
    const channel = await broker.channel();
    const exchange = await broker.exchange(channel, "fanout");
    const [bound, later] = [await broker.queue(channel), await broker.queue(channel)];
    await channel.call("queue.bind", { queue: bound, exchange });
    await channel.call("tx.select");
    await channel.publish(exchange, "", "1");
    await channel.call("queue.unbind", { queue: bound, exchange });
    await channel.call("queue.bind", { queue: later, exchange });
    await channel.call("exchange.delete", { exchange });
    await channel.call("tx.commit");
    assert.deepEqual([await drain(channel, bound), await drain(channel, later)], [["1"], []]);
  },
);
