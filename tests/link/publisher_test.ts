import assert from "node:assert/strict";
import type { Event } from "../../runtime/core/ports/events.ts";
import { PublishFailed, Unroutable } from "../../runtime/core/ports/amqp_errors.ts";
import { ConfirmedPublisher } from "../../runtime/link/publisher.ts";
import { Supervisor } from "../../runtime/link/supervisor.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import type { Broker } from "../support/amqp.ts";
import { freePort } from "../support/ports.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

function supervise(url: string): Supervisor & AsyncDisposable {
  const seen: Event[] = [];
  const supervisor = new Supervisor({
    addresses: [parseAmqpUri(url)],
    name: "test publisher",
    role: "publisher",
    emit: (event) => seen.push(event),
  });
  return Object.assign(supervisor, { [Symbol.asyncDispose]: () => supervisor.close() });
}

const message = (queue: string, text: string, properties = {}) => ({
  exchange: "",
  routingKey: queue,
  body: new TextEncoder().encode(text),
  properties,
});

async function texts(broker: Broker, queue: string): Promise<string[]> {
  const messages = await broker.take(queue, await broker.waiting(queue));
  return messages.map(({ content }) => `${content}`);
}

testOnBroker(
  "A confirmed message was routed, and every unroutable message is an error",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("q");
    await using link = supervise(vhost.url);
    const publisher = new ConfirmedPublisher(link);

    const results = await Promise.allSettled(
      // Some share one id, although a returned message is found by its id.
      Array.from(
        { length: 1000 },
        (_, i) =>
          publisher.publish(message(i % 2 ? "q" : "nowhere", `${i}`, i % 5 ? {} : { messageId: "same" })),
      ),
    );
    await publisher.close();

    assert.deepEqual(
      results.map((result) => result.status === "rejected" && result.reason instanceof Unroutable),
      results.map((_, i) => i % 2 === 0),
    );
    assert.equal(await broker.waiting("q"), 500);
  },
);

testOnBroker("A queue that refuses a message is an error of that message only", async ({ broker, vhost }) => {
  await broker.channel.assertQueue("full", {
    arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  await broker.channel.assertQueue("q");
  await using link = supervise(vhost.url);
  const publisher = new ConfirmedPublisher(link);
  await publisher.publish(message("full", "first"));

  const [refused, taken] = await Promise.allSettled([
    publisher.publish(message("full", "second")),
    publisher.publish(message("q", "x")),
  ]);
  await publisher.close();

  assert.ok(refused.status === "rejected" && refused.reason instanceof PublishFailed);
  assert.equal(taken.status, "fulfilled");
  assert.deepEqual(await texts(broker, "full"), ["first"]);
});

testOnBroker(
  "A message beyond the maximum of unconfirmed ones is refused, and none before it is lost",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("q");
    await using link = supervise(vhost.url);
    const publisher = new ConfirmedPublisher(link, { unconfirmed: 10, tries: 3, connectMs: 1000 });

    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) => publisher.publish(message("q", `${i}`))),
    );
    await publisher.publish(message("q", "later"));
    await publisher.close();

    assert.deepEqual(results.map(({ status }) => status === "fulfilled"), results.map((_, i) => i < 10));
    const late = results[10] as PromiseRejectedResult;
    assert.match(
      late.reason.message,
      /10 messages of \d+ bytes are unconfirmed already; await some of them first/,
    );
    assert.equal(await broker.waiting("q"), 11);
  },
);

testOnBroker(
  "Messages that were under way when the connection was cut are sent again, and none is lost",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("q");
    await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
    await using link = supervise(proxy.via(vhost.url));
    const publisher = new ConfirmedPublisher(link);
    await publisher.publish(message("q", "before"));

    const sent = Array.from({ length: 3000 }, (_, i) => `${i}`);
    const sending = Promise.all(sent.map((text) => publisher.publish(message("q", text))));
    while (await broker.waiting("q") < 100);
    proxy.cut();
    proxy.heal();
    await sending;
    await publisher.publish(message("q", "after"));
    await publisher.close();

    const arrived = new Set(await texts(broker, "q"));
    assert.deepEqual([...sent, "before", "after"].filter((text) => !arrived.has(text)), []);
  },
);

Deno.test("A message fails if there is no broker for the maximum time", async () => {
  await using link = supervise(`amqp://127.0.0.1:${freePort()}`);
  const publisher = new ConfirmedPublisher(link, { unconfirmed: 10, tries: 3, connectMs: 50 });

  await assert.rejects(publisher.publish(message("q", "x")), /did not come back within 50 ms/);
});
