/** Sending and publishing over HTTP, and CloudEvents. */

import assert from "node:assert/strict";
import { testOnBroker, testOnRabbitmq } from "../support/test_on_broker.ts";
import { json, opened } from "./opened.ts";

const http = { anonymous: { send: ["*"], publish: ["events/*", "audit/*"] } };

testOnBroker(
  "A message is sent to a queue as it came, and 202 says that the broker has it",
  async ({ broker }) => {
    await broker.channel.assertQueue("mails");
    await using to = await opened(broker, { http });

    const sent = await to.post("/send/mails", `{"to": "a"}`, {
      ...json,
      "idempotency-key": `"8e03978e"`,
      "x-hopper-header-region": "eu",
    });
    assert.equal(sent.status, 202);
    assert.deepEqual(await sent.json(), { messageId: "8e03978e" });
    const { content, properties } = await broker.next("mails");
    assert.equal(content.toString(), `{"to": "a"}`);
    assert.equal(properties.messageId, "8e03978e");
    assert.equal(properties.contentType, "application/json");
    assert.equal(properties.deliveryMode, 2);
    assert.equal(properties.headers?.region, "eu");

    const gzip = await to.post("/send/mails", new Uint8Array([1, 2]), {
      "content-type": "image/png",
      "content-encoding": "gzip",
    });
    const { messageId } = await gzip.json();
    const second = await broker.next("mails");
    assert.equal(second.properties.messageId, messageId);
    assert.equal(second.properties.contentType, "image/png");
    assert.equal(second.properties.contentEncoding, "gzip");
    assert.deepEqual([...second.content], [1, 2]);
  },
);

testOnBroker(
  "A message is published with its key, which may be empty or have slashes",
  async ({ broker }) => {
    await broker.channel.assertExchange("events", "topic");
    await broker.channel.assertExchange("audit", "fanout");
    await broker.channel.assertQueue("all");
    await broker.channel.bindQueue("all", "events", "#");
    await broker.channel.bindQueue("all", "audit", "");
    await using to = await opened(broker, { http });

    for (
      const [path, exchange, key] of [
        ["/publish/events/order.paid", "events", "order.paid"],
        ["/publish/events/a%2Fb/c%20d", "events", "a/b/c d"],
        ["/publish/audit", "audit", ""],
        ["/publish/audit/", "audit", ""],
      ] as const
    ) {
      assert.equal((await to.post(path, "x")).status, 202, path);
      const { fields } = await broker.next("all");
      assert.deepEqual([fields.exchange, fields.routingKey], [exchange, key]);
    }
  },
);

testOnBroker("What no queue takes is answered with 404, and says what is missing", async ({ broker }) => {
  await broker.channel.assertExchange("events", "topic");
  await using to = await opened(broker, { http });
  const cases = [
    ["/send/nowhere", "UNROUTABLE", /No queue 'nowhere'/],
    ["/publish/events/nobody", "UNROUTABLE", /No queue is bound to exchange 'events' for key 'nobody'/],
    ["/publish/audit", "NO_SUCH_EXCHANGE", /No exchange 'audit'/],
  ] as const;
  for (const [path, code, detail] of cases) {
    const response = await to.post(path, "x");
    const problem = await response.json();
    assert.deepEqual([response.status, problem.code], [404, code]);
    assert.match(problem.detail, detail);
  }
  assert.equal((await to.post("/publish/secret/x", "x")).status, 401);
});

testOnRabbitmq(
  "A broker that takes no messages is answered with 503 and when to try again",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("full", {
      arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
    });
    await using to = await opened(broker, { http });
    assert.equal((await to.post("/send/full", "1")).status, 202);
    const refused = await to.post("/send/full", "2");
    assert.deepEqual([refused.status, (await refused.json()).code], [503, "PUBLISH_FAILED"]);
    assert.equal(refused.headers.get("retry-after"), "5");
    assert.ok(vhost);
  },
);

testOnBroker(
  "A CloudEvent in headers becomes a message with the event's attributes as headers",
  async ({ broker }) => {
    await broker.channel.assertQueue("events");
    await using to = await opened(broker, { http });
    const sent = await to.post("/send/events", `{"n": 1}`, {
      ...json,
      "ce-specversion": "1.0",
      "ce-id": "1",
      "ce-source": "/shop",
      "ce-type": "order.paid",
      "ce-subject": "caf%C3%A9",
    });
    assert.equal(sent.status, 202);
    const { content, properties } = await broker.next("events");
    assert.equal(content.toString(), `{"n": 1}`);
    assert.equal(properties.contentType, "application/json");
    assert.deepEqual(properties.headers, {
      cloudEvents_specversion: "1.0",
      cloudEvents_id: "1",
      cloudEvents_source: "/shop",
      cloudEvents_type: "order.paid",
      cloudEvents_subject: "café",
    });
  },
);

testOnBroker("A CloudEvent that is one JSON object becomes the same message", async ({ broker }) => {
  await broker.channel.assertQueue("events");
  await using to = await opened(broker, { http });
  const event = { specversion: "1.0", id: "1", source: "/shop", type: "order.paid", retries: 2, empty: null };
  const post = (more: Record<string, unknown>) =>
    to.post("/send/events", JSON.stringify({ ...event, ...more }), {
      "content-type": "application/cloudevents+json; charset=utf-8",
    });
  const cases = [
    [{ data: { n: 1 } }, `{"n":1}`, "application/json"],
    [{ data: "text", datacontenttype: "text/plain" }, "text", "text/plain"],
    [{ data: "text", datacontenttype: "application/json" }, `"text"`, "application/json"],
    [{ data_base64: "AAE=", datacontenttype: "image/png" }, "\0\x01", "image/png"],
    [{}, "null", "application/json"],
  ] as const;
  for (const [more, body, contentType] of cases) {
    assert.equal((await post(more)).status, 202);
    const { content, properties } = await broker.next("events");
    assert.deepEqual([content.toString(), properties.contentType], [body, contentType]);
    assert.equal(properties.headers?.cloudEvents_id, "1");
    assert.equal(properties.headers?.cloudEvents_retries, 2);
    assert.ok(!("cloudEvents_empty" in properties.headers!));
  }
});

testOnBroker(
  "A CloudEvent that is none is answered with 400, and several at once with 415",
  async ({ broker }) => {
    await broker.channel.assertQueue("events");
    await using to = await opened(broker, { http });
    const whole = { specversion: "1.0", id: "1", source: "/shop", type: "t" };
    const structured = { "content-type": "application/cloudevents+json" };
    for (
      const event of [
        { ...whole, specversion: "0.3" },
        { ...whole, id: "" },
        { ...whole, type: undefined },
        { ...whole, "bad-name": 1 },
        { ...whole, nested: {} },
        { ...whole, data: 1, data_base64: "AA==" },
        { ...whole, data_base64: "?" },
        [whole],
      ]
    ) {
      const response = await to.post("/send/events", JSON.stringify(event), structured);
      assert.deepEqual(
        [response.status, (await response.json()).code],
        [400, "BAD_EVENT"],
        JSON.stringify(event),
      );
    }
    assert.equal((await to.post("/send/events", "{", structured)).status, 400);
    assert.equal((await to.post("/send/events", "x", { "ce-id": "1", "ce-source": "/x" })).status, 400);
    const batch = await to.post("/send/events", "[]", {
      "content-type": "application/cloudevents-batch+json",
    });
    assert.equal(batch.status, 415);
    const { messageCount } = await broker.channel.checkQueue("events");
    assert.equal(messageCount, 0);
  },
);

testOnBroker("A message that AMQP cannot carry is answered with 400", async ({ broker }) => {
  await broker.channel.assertQueue("q");
  await using to = await opened(broker, { http });
  for (
    const [path, headers] of [
      ["/send/q", { "idempotency-key": "x".repeat(256) }],
      ["/send/q", { "content-type": `text/${"x".repeat(256)}` }],
      [`/send/${"q".repeat(256)}`, {}],
      ["/send/%ff", {}],
      ["/send/%zz", {}],
    ] as const
  ) {
    const response = await to.post(path, "x", { ...headers });
    assert.deepEqual([response.status, (await response.json()).code], [400, "BAD_REQUEST"], path);
  }
});
