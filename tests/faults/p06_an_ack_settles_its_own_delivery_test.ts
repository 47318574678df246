import assert from "node:assert/strict";
import type { Channel, Delivery } from "../../runtime/core/ports/amqp.ts";
import { AmqpConnection } from "../../runtime/link/connection.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { connectBroker } from "../support/amqp.ts";
import { cutLink } from "../support/cut_link.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { onSharedBroker } from "../support/promises.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";

const tries = 1000;

onSharedBroker(
  "P6",
  "A delivery of a closed channel settles nothing on the next channel",
  async ({ url }, report) => {
    await using broker = await connectBroker(url);
    await broker.channel.assertQueue("work");
    await sendAll(broker, "work", ["the message"]);
    const connection = await AmqpConnection.open(parseAmqpUri(url), "a test");
    let settled = 0;
    try {
      let before = await take(connection, "work");
      for (let i = 0; i < tries; i++) {
        // Both have delivery tag 1 on their channels.
        await before.channel.close();
        const after = await take(connection, "work");
        if (i % 2 === 0) before.delivery.ack();
        else before.delivery.requeue();
        before.delivery.ack();
        if (!after.delivery.open) settled++;
        before = after;
      }
      await before.channel.close();
    } finally {
      await connection.close();
    }

    const left = await takeIds(broker, "work");
    report({
      what: "handles used after their channel",
      goal: "0 settle another delivery",
      tried: { handles: tries },
      lost: 1 - left.length,
      further: { "another settled": settled },
    });
    assert.equal(settled, 0);
    assert.deepEqual(left, ["the message"]);
  },
);

const second = "Settling a delivery twice does not affect the channel or its other deliveries";
onSharedBroker("P6", second, async ({ url }, report) => {
  await using broker = await connectBroker(url);
  await broker.channel.assertQueue("work");
  const sent = ids("message", tries);
  await sendAll(broker, "work", sent);
  const connection = await AmqpConnection.open(parseAmqpUri(url), "a test");
  let [closed, closing] = [false, false];
  const acked: string[] = [];
  try {
    const channel = await connection.openChannel();
    channel.ended.then(() => closed ||= !closing);
    await channel.prefetch(tries);
    const all = Promise.withResolvers<void>();
    const deliveries: Delivery[] = [];
    await channel.consume("work", { noAck: false }, (delivery) => {
      if (deliveries.push(delivery) === tries) all.resolve();
    }, () => {});
    await all.promise;
    // Every other one is settled twice, and those between them stay.
    for (const delivery of deliveries.filter((_, index) => index % 2 === 0)) {
      delivery.ack();
      delivery.ack();
      delivery.requeue();
      acked.push(delivery.properties.messageId!);
    }
    assert.equal(await channel.declareQueue(durable("work")), "work", "the channel still works");
    closing = true;
    await channel.close();
  } finally {
    await connection.close();
  }

  const left = await takeIds(broker, "work");
  const wrong = sent.filter((id) => acked.includes(id) === left.includes(id)).length;
  report({
    what: "deliveries settled three times",
    goal: "0 settle another delivery",
    tried: { deliveries: acked.length },
    lost: wrong,
    further: { "channel closes": Number(closed) },
  });
  assert.equal(closed, false);
  assert.equal(wrong, 0);
});

const byHand =
  "A handler with 'ack: \"manual\"' that settles twice and after a reconnect affects no other message";
onSharedBroker("P6", byHand, async ({ url, port }, report) => {
  await using proxy = startTcpProxy(port);
  await using broker = await connectBroker(url);
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: {
      work: ledger.worker("work", {
        options: { ack: "manual" },
        does: `await new Promise((resolve) => setTimeout(resolve, 300));
          ctx.ack();
          ctx.nack();
          setTimeout(() => ctx.ack(), 300);`,
      }),
    },
    broker: proxy.via(url),
  });
  const cuts = full ? 20 : 5;
  const sent = ids("message", cuts * 60);
  await sendAll(broker, "work", sent);

  for (let cut = 0; cut < cuts; cut++) {
    await ledger.said("ended", cut * 30 + 1);
    await cutLink(proxy, hopper);
  }
  const lost = await ledger.missing("ended", sent);
  const { code } = await hopper.stop();

  const closes = hopper.logged("detached", ({ error }) => /PRECONDITION|delivery tag/i.test(String(error)));
  const left = await takeIds(broker, "work");
  report({
    what: "settled by hand three times, some on a link cut meanwhile",
    goal: "0 settle another delivery",
    tried: { cuts, messages: sent.length },
    confirmed: sent.length,
    lost: lost.length,
    duplicated: await ledger.count("started") - sent.length,
    further: { "channel closes": closes.length, "not settled": left.length },
  });
  assert.equal(code, 0);
  assert.deepEqual(lost, []);
  assert.equal(closes.length, 0);
  assert.deepEqual(left, []);
});

async function take(
  connection: AmqpConnection,
  queue: string,
): Promise<{ channel: Channel; delivery: Delivery }> {
  const channel = await connection.openChannel();
  const { promise, resolve } = Promise.withResolvers<Delivery>();
  await channel.consume(queue, { noAck: false }, resolve, () => {});
  return { channel, delivery: await promise };
}

function durable(name: string) {
  return { name, durable: true, exclusive: false, autoDelete: false, arguments: {} };
}
