import assert from "node:assert/strict";
import type { Channel, Delivery } from "../../runtime/core/link.ts";
import { AmqpConnection } from "../../runtime/link/connection.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { connectBroker } from "../support/amqp.ts";
import { cutLink } from "../support/cut_link.ts";
import { report } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";

const rabbitmq = await rabbitmqForTests();

const tries = 1000;

Deno.test(
  "A stale handle settles nothing on the channel that came after",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await broker.channel.assertQueue("work");
    await sendAll(broker, "work", ["the message"]);
    const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "a test");
    let settled = 0;
    try {
      let before = await take(connection, "work");
      for (let i = 0; i < tries; i++) {
        // Both are number 1 of their channel.
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
      promise: "P6",
      what: "handles used after their channel",
      goal: "0 settle another delivery",
      found: { tried: tries, "another settled": settled + 1 - left.length },
    });
    assert.equal(settled, 0);
    assert.deepEqual(left, ["the message"]);
  },
);

Deno.test("A second settling touches neither the channel nor its other deliveries", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("work");
  const sent = ids("message", tries);
  await sendAll(broker, "work", sent);
  const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "a test");
  let closes = 0;
  const acked: string[] = [];
  try {
    const channel = await connection.openChannel();
    channel.ended.then(() => closes++);
    await channel.prefetch(tries);
    const all = Promise.withResolvers<void>();
    const deliveries: Delivery[] = [];
    await channel.consume("work", { noAck: false }, (delivery) => {
      if (deliveries.push(delivery) === tries) all.resolve();
    }, () => {});
    await all.promise;
    // Every other one, twice; what is between them stays.
    for (const delivery of deliveries.filter((_, index) => index % 2 === 0)) {
      delivery.ack();
      delivery.ack();
      delivery.requeue();
      acked.push(delivery.properties.messageId!);
    }
    assert.equal(await channel.declareQueue(durable("work")), "work", "the channel still works");
    assert.equal(closes, 0);
    await channel.close();
  } finally {
    await connection.close();
  }

  const left = await takeIds(broker, "work");
  const wrong = sent.filter((id) => acked.includes(id) === left.includes(id)).length;
  report({
    promise: "P6",
    what: "deliveries settled three times",
    goal: "0 settle another delivery",
    found: { tried: acked.length, "another settled": wrong, "channel closes": 0 },
  });
  assert.equal(wrong, 0);
});

Deno.test("A handler that settles by hand, twice and after a reconnect, harms no other message", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
  await using broker = await connectBroker(vhost.url);
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: {
      work: ledger.worker("work", {
        options: `{ ack: "manual" }`,
        work: `await new Promise((resolve) => setTimeout(resolve, 300));
          ctx.ack();
          ctx.nack();
          setTimeout(() => ctx.ack(), 300);`,
      }),
    },
    broker: proxy.via(vhost.url),
  });
  const cuts = 5;
  const sent = ids("message", cuts * 60);
  await sendAll(broker, "work", sent);

  for (let cut = 0; cut < cuts; cut++) {
    await ledger.until("some ended", (all) => all.filter(({ what }) => what === "ended").length > cut * 30);
    await cutLink(proxy, hopper);
  }
  await ledger.until("all ended", (all) => {
    return new Set(all.filter(({ what }) => what === "ended").map(({ id }) => id)).size === sent.length;
  });
  assert.equal((await hopper.stop()).code, 0);

  const closes = hopper.logged("detached", ({ error }) => /PRECONDITION|delivery tag/i.test(String(error)));
  report({
    promise: "P6",
    what: "settled by hand three times, some on a link cut meanwhile",
    goal: "0 settle another delivery",
    found: { cuts, messages: sent.length, lost: 0, "channel closes": closes.length },
  });
  assert.equal(closes.length, 0);
  assert.deepEqual(await takeIds(broker, "work"), []);
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
