import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { Collector } from "../support/collector.ts";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/process.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();
const ignore = !rabbitmq;

/** Where a trace begins that is not made here. */
const begun = { trace: "0af7651916cd43dd8448eb211c80319c", span: "b7ad6b7169203331" };
const traceparent = `00-${begun.trace}-${begun.span}-01`;

Deno.test(
  "A call, the nested call, what is published and who consumes it are one trace, through all processes",
  { ignore },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using collector = new Collector();
    const asked = Promise.withResolvers<string | null>();
    await using shop = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        asked.resolve(request.headers.get("traceparent"));
        return new Response("ok");
      },
    );
    const http = freePort();
    await using _hopper = await startHopper({
      broker: vhost.url,
      env: collector.env,
      args: ["--http", `127.0.0.1:${http}`],
      functions: {
        order: `import { trace } from "@opentelemetry/api";
import { rpc } from "hopper";
export default rpc("order", { emits: { events: "topic" }, permissions: { net: ["127.0.0.1:${shop.addr.port}"] } },
  async (item: string, { call, publish }) => {
    const price = await call<number>("price", item);
    await (await fetch("http://127.0.0.1:${shop.addr.port}/")).text();
    await trace.getTracer("shop").startActiveSpan("pack", async (span) => {
      await publish("events", "order.made", { item, price });
      span.end();
    });
    return price;
  });`,
        price: `import { rpc } from "hopper"; export default rpc("price", () => 7);`,
        audit: `import { topic } from "hopper"; export default topic("events", "order.*", () => {});`,
      },
    });

    const { stdout, stderr, code } = await hopperCommand(["call", "order", "tea"], {
      broker: vhost.url,
      env: collector.env,
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim(), "7");

    const calling = await collector.span("call order");
    const order = await collector.span("process order");
    const asking = await collector.span("call price");
    const price = await collector.span("process price");
    const packing = await collector.span("pack");
    const publishing = await collector.span("send events");
    const audit = await collector.span("process audit");
    const parents = [
      [calling, order],
      [order, asking],
      [asking, price],
      [order, packing],
      [packing, publishing],
      [publishing, audit],
    ];
    for (const [parent, child] of parents) {
      assert.equal(child!.traceId, calling.traceId, child!.name);
      assert.equal(child!.parentSpanId, parent!.spanId, `${child!.name} after ${parent!.name}`);
    }
    assert.equal(calling.parentSpanId, "");
    assert.deepEqual([calling.kind, order.kind, publishing.kind], ["client", "consumer", "producer"]);
    // A message's consumer links to where it was made, as the conventions for messaging say.
    assert.deepEqual(audit.links, [publishing.spanId]);
    const { attributes } = audit;
    assert.equal(attributes["messaging.system"], "rabbitmq");
    assert.equal(attributes["messaging.operation.name"], "process");
    assert.equal(attributes["messaging.destination.name"], "events:order.made:audit");
    assert.equal(attributes["messaging.rabbitmq.destination.routing_key"], "order.made");
    assert.equal(attributes["messaging.rabbitmq.message.delivery_tag"], 1);
    assert.equal(attributes["messaging.message.id"], publishing.attributes["messaging.message.id"]);
    assert.equal(attributes["server.address"], "127.0.0.1");
    assert.equal(publishing.attributes["messaging.destination.name"], "events:order.made");

    // What the function's own process does joins the trace too.
    assert.match(`${await asked.promise}`, new RegExp(`^00-${calling.traceId}-`));

    // A program that speaks HTTP begins a trace just so.
    const reply = await fetch(`http://127.0.0.1:${http}/call/price`, {
      method: "POST",
      headers: { traceparent },
    });
    assert.equal(await reply.text(), "7");
    const [, outside] = await collector.named("process price", 2);
    assert.equal(outside!.traceId, begun.trace);
  },
);

const python = "/usr/bin/python3";

/** Sends a message with pika, in a trace that began there. */
async function sendWithPika(url: string, queue: string): Promise<void> {
  const program = `
import os, pika
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
headers = {"traceparent": "${traceparent}", "tracestate": "shop=7"}
connection.channel().basic_publish("", "${queue}", b"1", pika.BasicProperties(headers=headers))
connection.close()`;
  const { code, stderr } = await run(python, ["-c", program], { env: { AMQP_URL: url } });
  assert.equal(code, 0, stderr);
}

Deno.test(
  "A trace that pika began goes on through retries, dead letters, replays and what is sent meanwhile",
  { ignore },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using collector = new Collector();
    await using hopper = await startHopper({
      broker: vhost.url,
      env: { ...collector.env, OTEL_EXPORTER_OTLP_HEADERS: "authorization=secret" },
      files: { "shop.env": "SHOP_PASSWORD=of-the-shop\n" },
      args: ["--env-file", "shop.env"],
      functions: {
        first: `import { queue } from "hopper";
export default queue("first", { retry: { attempts: 2, delay: "20ms" } }, async (_, { send, attempt, message, log }) => {
  try {
    log.info(\`read \${Deno.env.get("OTEL_EXPORTER_OTLP_HEADERS")}\`);
  } catch (error) {
    log.info(\`denied \${error.name}\`);
  }
  await send("second", attempt);
  if (message.headers["x-hopper-replays"] === undefined) throw new TypeError("not yet");
});`,
        second: `import { queue } from "hopper";
export default queue("second", (_, { message, log }) => log.info(\`state \${message.headers.tracestate}\`));`,
      },
    });

    await sendWithPika(vhost.url, "first");
    const dead = await hopper.event("dead-lettered");
    assert.equal(dead.traceId, begun.trace);
    const replayed = await hopperCommand(["dead", "replay", "first", "--yes"], { broker: vhost.url });
    assert.equal(replayed.code, 0, replayed.stderr);

    const runs = await collector.named("process first", 3);
    const later = await collector.named("process second", 3);
    const sent = await collector.named("send second", 3);
    for (const span of [...runs, ...sent, ...later]) assert.equal(span.traceId, begun.trace, span.name);
    // Every attempt is a run of the message that pika sent.
    for (const { parentSpanId, links } of runs) {
      assert.equal(parentSpanId, begun.span);
      assert.deepEqual(links, [begun.span]);
    }
    assert.deepEqual(runs.map(({ failed }) => failed), [true, true, false]);
    assert.deepEqual(runs.map(({ attributes }) => attributes["error.type"]), [
      "TypeError",
      "TypeError",
      undefined,
    ]);
    assert.deepEqual(runs.map(({ attributes }) => attributes["hopper.attempt"]), [1, 2, 1]);
    assert.deepEqual(sent.map(({ parentSpanId }) => parentSpanId), runs.map(({ spanId }) => spanId));
    await hopper.said("second", "state shop=7");
    // The collector's password is not for functions.
    await hopper.said("first", "denied NotCapable");
    assert.ok(!hopper.hasSaid("first", "secret"));
    // Nor does the collector learn what is in a file of variables.
    assert.ok(!collector.received.some((text) => text.includes("of-the-shop")));
  },
);

Deno.test(
  "A runtime that does not trace passes a trace on unchanged, and names it in its log",
  { ignore },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await broker.channel.assertQueue("last");
    await using hopper = await startHopper({
      broker: vhost.url,
      functions: {
        first: `import { queue } from "hopper";
export default queue("first", { publish: { queue: "last" } }, async (_, { send }) => {
  await send("last", "own", { headers: { traceparent: "mine" } });
  await send("last", "plain");
  await send("last", "with a header", { headers: { a: 1 } });
  return "output";
});`,
      },
    });

    await sendWithPika(vhost.url, "first");
    const received = await broker.take("last", 4);

    assert.deepEqual(received.map(({ properties: { headers } }) => headers), [
      { traceparent: "mine" },
      { traceparent, tracestate: "shop=7" },
      { a: 1, traceparent, tracestate: "shop=7" },
      { traceparent, tracestate: "shop=7" },
    ]);
    assert.equal((await hopper.event("handled")).traceId, begun.trace);
  },
);

Deno.test("What a program sends belongs to the span in which it sends", { ignore }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("orders");
  await using collector = new Collector();
  const program = `
import { trace } from "@opentelemetry/api";
import { connect } from "hopper/client";
await using hopper = await connect("${vhost.url}");
await trace.getTracer("shop").startActiveSpan("checkout", async (span) => {
  await hopper.send("orders", 1);
  await hopper.send("nowhere", 1).catch(() => {});
  span.end();
});`;
  const folder = new URL("../../deno.json", import.meta.url);
  const { code, stderr } = await run(
    Deno.execPath(),
    ["run", "-A", "--config", folder.pathname, "--ext=ts", "-"],
    { env: collector.env, input: program },
  );
  assert.equal(code, 0, stderr);

  const checkout = await collector.span("checkout");
  const sent = await collector.span("send orders");
  const lost = await collector.span("send nowhere");
  assert.deepEqual([sent.parentSpanId, lost.parentSpanId], [checkout.spanId, checkout.spanId]);
  assert.equal(lost.failed, true);
  assert.equal(lost.attributes["error.type"], "Unroutable");
  const { properties } = await broker.next("orders");
  assert.equal(properties.headers!.traceparent, `00-${checkout.traceId}-${sent.spanId}-01`);
  assert.equal(properties.messageId, sent.attributes["messaging.message.id"]);
});
