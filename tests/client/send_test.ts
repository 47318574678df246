import assert from "node:assert/strict";
import { connect, Unroutable } from "../../runtime/client/mod.ts";
import { NoSuchExchange, PublishFailed } from "../../runtime/core/link_errors.ts";
import { connectBroker } from "../support/amqp.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

Deno.test(
  "send: a confirmed message in a queue; without the queue an error",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await broker.channel.assertQueue("tasks", { maxPriority: 5 });
    await using hopper = await connect(vhost.url);

    await hopper.send("tasks", { id: 1 }, {
      headers: { tenant: "acme" },
      messageId: "m1",
      correlationId: "c1",
      priority: 3,
      expiration: "1m",
    });
    await hopper.send("tasks", "plain", { persistent: false, contentType: "text/markdown" });
    await assert.rejects(hopper.send("nowhere", 1), (error) => error instanceof Unroutable);

    const [first, second] = await broker.take("tasks", 2);
    assert.equal(`${first!.content}`, '{"id":1}');
    const { contentType, messageId, correlationId, priority, expiration, deliveryMode, headers } =
      first!.properties;
    assert.deepEqual({ contentType, messageId, correlationId, priority, expiration, deliveryMode, headers }, {
      contentType: "application/json",
      messageId: "m1",
      correlationId: "c1",
      priority: 3,
      expiration: "60000",
      deliveryMode: 2,
      headers: { tenant: "acme" },
    });
    assert.equal(second!.properties.contentType, "text/markdown");
    assert.equal(second!.properties.deliveryMode, 1);
    assert.match(second!.properties.messageId, /^[0-9a-f-]{36}$/, "every message bears an id");
  },
);

Deno.test("publish: unroutable and a missing exchange are errors, and stop no other message", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertExchange("logs", "direct");
  await broker.channel.assertQueue("errors");
  await broker.channel.bindQueue("errors", "logs", "error");
  await using hopper = await connect(vhost.url);

  const results = await Promise.allSettled(
    Array.from(
      { length: 30 },
      (_, i) =>
        i % 3 === 0
          ? hopper.publish("logs", "error", i)
          : i % 3 === 1
          ? hopper.publish("logs", "info", i)
          : hopper.publish("no.such", "", i),
    ),
  );

  const kinds = results.map((result) => result.status === "fulfilled" ? "sent" : result.reason.constructor);
  assert.deepEqual(kinds, kinds.map((_, i) => ["sent", Unroutable, NoSuchExchange][i % 3]));
  // A missing exchange closes the channel, so that others may have gone twice, and none never.
  const sent = new Set(
    (await broker.take("errors", await broker.waiting("errors"))).map(({ content }) => `${content}`),
  );
  assert.equal(sent.size, 10);
});

Deno.test("An exchange that nobody may publish to is an error that says so, and stops no other message", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("tasks");
  await using hopper = await connect(vhost.url);

  const results = await Promise.allSettled(
    Array.from(
      { length: 20 },
      (_, i) => i % 2 ? hopper.send("tasks", i) : hopper.publish("amq.rabbitmq.trace", "", i),
    ),
  );

  for (const [i, result] of results.entries()) {
    if (i % 2) assert.equal(result.status, "fulfilled");
    else {
      assert.ok(result.status === "rejected" && result.reason instanceof PublishFailed);
      assert.match(result.reason.message, /'amq\.rabbitmq\.trace' .* failed: ACCESS_REFUSED/);
    }
  }
});

Deno.test(
  "What the broker refuses each time is an error with its reason",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);
    const headers = { CC: "no list" };

    await assert.rejects(hopper.send("tasks", 1, { headers }), { code: "PUBLISH_FAILED", message: /CC/ });
    await assert.rejects(hopper.call("tasks", 1, { headers }), { code: "PUBLISH_FAILED", message: /CC/ });
  },
);

Deno.test("What cannot be sent is refused before it is", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("tasks");
  await using hopper = await connect(vhost.url);

  await assert.rejects(hopper.send("tasks", 7n), TypeError);
  await assert.rejects(hopper.send("tasks", () => {}), TypeError);
  await assert.rejects(hopper.send("q".repeat(256), 1), /at most 255/);
  await assert.rejects(hopper.send("tasks", 1, { headers: { ratio: Infinity } }), /Header 'ratio' .* finite/);
  await assert.rejects(
    hopper.send("tasks", 1, { headers: { deep: { er: [Infinity] } } }),
    /Header 'deep' .* finite/,
  );
  await assert.rejects(hopper.send("tasks", 1, { headers: { long: "x".repeat(140_000) } }), {
    code: "UNSENDABLE",
  });
  await assert.rejects(hopper.send("tasks", 1, { messageId: "x".repeat(256) }), { code: "UNSENDABLE" });
  await assert.rejects(hopper.call("tasks", 1, { timeout: "30d" }), /less than 25 days/);
  await assert.rejects(hopper.call("tasks", 1, { timeout: "soon" as never }), /timeout: expected/);
  await hopper.send("tasks", "good");

  assert.equal(await broker.waiting("tasks"), 1);
});
