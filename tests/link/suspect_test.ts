/** A message that ends the connection it is sent on: found out, sent alone, given up; what went beside it arrives. */

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

// The embedded broker closes no connection over a message.
testOnRabbitmq(
  "What RabbitMQ closes connections over is given up, and what was sent beside it is confirmed",
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

testOnBroker("What ends connections without a word is given up too", async ({ broker, vhost }) => {
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
  "What a broker closes channels over costs nothing that is sent beside it on the same channel",
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
