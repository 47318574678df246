/** A message that ends the connection on which it is sent is found, sent alone, and given up. The others arrive. */

import assert from "node:assert/strict";
import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import { Unsendable } from "../../runtime/core/ports/amqp_errors.ts";
import { ConfirmedPublisher } from "../../runtime/link/publisher.ts";
import { Supervisor } from "../../runtime/link/supervisor.ts";
import { parseAmqpUris } from "../../runtime/link/uri.ts";
import { noProcess } from "../support/forged_replies.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";
import { testOnBroker, testOnRabbitmq } from "../support/test_on_broker.ts";

function supervise(url: string): Supervisor & AsyncDisposable {
  const link = new Supervisor({
    addresses: parseAmqpUris(url),
    name: "test publisher",
    role: "publisher",
    emit: () => {},
    backoff: { first: 10, max: 50 },
  });
  return Object.assign(link, { [Symbol.asyncDispose]: () => link.close() });
}

const message = (text: string, headers: Record<string, unknown> = {}) => ({
  exchange: "",
  routingKey: "q",
  body: new TextEncoder().encode(text),
  properties: { messageId: text, headers: HeaderTable.of(headers) },
});

const texts = Array.from({ length: 50 }, (_, i) => `${i}`);

// The embedded broker never closes a connection because of a message.
testOnRabbitmq(
  "A message that makes RabbitMQ close the connection is given up, and the others are confirmed",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("q");
    await using link = supervise(vhost.url);
    const publishers = [new ConfirmedPublisher(link), new ConfirmedPublisher(link)];
    await link.connection();

    const culprit = publishers[0]!.publish(message("culprit", { CC: [noProcess] }));
    const innocents = texts.map((text, i) => publishers[i % 2]!.publish(message(text)));
    const givenUp = () =>
      assert.rejects(culprit, (error) => {
        assert.ok(error instanceof Unsendable);
        assert.match(error.message, /ends every connection that it is sent on: INTERNAL_ERROR/);
        return true;
      });
    await Promise.all([...innocents, broker.expected.endsOver(noProcess) ? givenUp() : culprit]);
    await publishers[0]!.publish(message("after"));

    await Promise.all(publishers.map((publisher) => publisher.close()));
    const arrived = await broker.take("q", await broker.waiting("q"));
    const ids = new Set(arrived.map(({ properties }) => properties.messageId));
    assert.deepEqual(ids.difference(new Set(["culprit"])), new Set([...texts, "after"]));
  },
);

testOnBroker("A message that ends the connection without a reason is given up", async ({ broker, vhost }) => {
  await broker.channel.assertQueue("q");
  await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
  proxy.cutAt("culprit");
  await using link = supervise(proxy.via(vhost.url));
  const publisher = new ConfirmedPublisher(link);
  await link.connection();

  const culprit = publisher.publish(message("culprit"));
  await Promise.all([
    ...texts.map((text) => publisher.publish(message(text))),
    assert.rejects(culprit, /Unsendable|ends every connection that it is sent on/),
  ]);

  await publisher.close();
  const arrived = await broker.take("q", await broker.waiting("q"));
  assert.deepEqual(new Set(arrived.map(({ properties }) => properties.messageId)), new Set(texts));
});

testOnBroker(
  "Messages that make the broker close the channel do not affect the others on it",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("q");
    await using link = supervise(vhost.url);
    const publisher = new ConfirmedPublisher(link);
    await link.connection();

    const culprits = Array.from(
      { length: 8 },
      () => publisher.publish(message("culprit", { CC: "no list" })),
    );
    await Promise.all([
      ...texts.map((text) => publisher.publish(message(text))),
      ...culprits.map((culprit) =>
        assert.rejects(culprit, { code: "PUBLISH_FAILED", unsure: false, message: /CC/ })
      ),
    ]);

    await publisher.close();
    const arrived = await broker.take("q", await broker.waiting("q"));
    assert.deepEqual(new Set(arrived.map(({ properties }) => properties.messageId)), new Set(texts));
  },
);
