/** A connection that is lost before the confirm arrives: nobody knows whether the broker has the message. */

import assert from "node:assert/strict";
import { ConfirmedPublisher, type PublisherLimits } from "../../runtime/link/publisher.ts";
import { Supervisor } from "../../runtime/link/supervisor.ts";
import { parseAmqpUris } from "../../runtime/link/uri.ts";
import type { Broker } from "../support/amqp.ts";
import { freePort } from "../support/ports.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp_proxy.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** A publisher to the queue `q` through a proxy. */
interface Bench {
  readonly broker: Broker;
  readonly proxy: TcpProxy;
  publish(text: string, properties?: { messageId?: string }): Promise<void>;
}

function test(name: string, run: (bench: Bench) => Promise<void>, limits: Partial<PublisherLimits> = {}) {
  testOnBroker(name, async ({ broker, vhost }) => {
    await broker.channel.assertQueue("q");
    await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
    await using link = supervise([proxy.via(vhost.url)]);
    // The limits are about a lost connection, so the first one must exist.
    await link.connection();
    const publisher = new ConfirmedPublisher(link, limits);
    await run({
      broker,
      proxy,
      publish: (text, properties = {}) =>
        publisher.publish({
          exchange: "",
          routingKey: "q",
          body: new TextEncoder().encode(text),
          properties,
        }),
    });
    await publisher.close();
  });
}

function supervise(urls: string[]): Supervisor & AsyncDisposable {
  const link = new Supervisor({
    addresses: parseAmqpUris(urls.join(",")),
    name: "test publisher",
    role: "publisher",
    emit: () => {},
    backoff: { first: 10, max: 50 },
  });
  return Object.assign(link, { [Symbol.asyncDispose]: () => link.close() });
}

test("A message whose confirm was lost is sent again with the same id", async (bench) => {
  const { broker, proxy, publish } = bench;
  await publish("before");
  await broker.next("q");

  proxy.halfOpen("to client");
  const publishing = publish("unknown");
  const first = await broker.next("q");
  proxy.cut();
  proxy.heal();
  await publishing;

  const second = await broker.next("q");
  assert.deepEqual([first, second].map(({ content }) => `${content}`), ["unknown", "unknown"]);
  assert.ok(first.properties.messageId, "it was given one");
  assert.equal(second.properties.messageId, first.properties.messageId);
});

test("A message that is sent again keeps the id that its sender gave it", async ({ broker, proxy, publish }) => {
  await publish("before");
  await broker.next("q");

  proxy.halfOpen("to client");
  const publishing = publish("unknown", { messageId: "m1" });
  await broker.next("q");
  proxy.cut();
  proxy.heal();
  await publishing;

  assert.equal((await broker.next("q")).properties.messageId, "m1");
});

test("A message that the broker never received is sent again and arrives once", async ({ broker, proxy, publish }) => {
  await publish("before");
  await broker.next("q");

  proxy.blackHole();
  const publishing = publish("lost on the way");
  proxy.cut();
  proxy.heal();
  await publishing;

  assert.equal(`${(await broker.next("q")).content}`, "lost on the way");
  assert.equal(await broker.waiting("q"), 0);
});

test("All messages that were under way when the connection was lost arrive, each with one id", async ({ broker, proxy, publish }) => {
  await publish("0");
  proxy.halfOpen("to client");
  const texts = Array.from({ length: 200 }, (_, i) => `${i + 1}`);
  const publishing = Promise.all(texts.map((text) => publish(text)));
  const first = await broker.take("q", 201);
  proxy.cut();
  proxy.heal();
  await publishing;

  const messages = [...first, ...await broker.take("q", await broker.waiting("q"))];
  const idOf = new Map<string, Set<string>>();
  for (const { content, properties } of messages) {
    idOf.set(`${content}`, (idOf.get(`${content}`) ?? new Set()).add(properties.messageId));
  }
  assert.equal(idOf.size, 201);
  for (const ids of idOf.values()) assert.equal(ids.size, 1);
});

test(
  "A message whose outcome stays unknown fails after the maximum number of tries",
  async ({ broker, proxy, publish }) => {
    await publish("before");
    await broker.next("q");

    proxy.halfOpen("to client");
    const publishing = assert.rejects(publish("unknown"), {
      code: "CONNECTION_LOST",
      message: /^The connection to the broker was lost while publishing to 'q' \(/,
    });
    await broker.next("q");
    proxy.cut();
    await publishing;
  },
  { tries: 1 },
);

test("A message fails if the lost connection does not come back in time", async ({ proxy, publish }) => {
  await publish("before");
  proxy.cut();

  await assert.rejects(publish("late"), /did not come back within 100 ms/);
}, { connectMs: 100 });

testOnBroker("If one of several broker nodes is down, the next one is used", async ({ vhost }) => {
  await using link = supervise([`amqp://127.0.0.1:${freePort()}`, vhost.url]);

  assert.ok((await link.connection()).open);
});
