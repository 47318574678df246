import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { CallTimeout, connect } from "../../runtime/client/mod.ts";
import { levelOf } from "../../runtime/observe/log.ts";
import type amqp from "amqplib";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const functions = {
  double: `export default rpc("double", (n: number) => 2 * n);`,
  fail: `export default rpc("fail", (how) => {
    if (how === "typed") {
      throw new RpcError("ORDER_NOT_FOUND", { detail: "No order 7", status: 404, data: { order: 7 } });
    }
    if (how === "unsendable") return 7n;
    if (how === "circle") { const circle: Record<string, unknown> = {}; return circle.self = circle; }
    if (how === "bad data") throw new RpcError("BAD", { data: 7n });
    throw new TypeError("Cannot read it");
  });`,
  slow: `export default rpc("slow", { timeout: 30 }, (_, { signal }) =>
    new Promise((done) => signal.addEventListener("abort", done)));`,
  checked: `const schema = (name: string) => ({
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) =>
        value === "bad " + name ? { issues: [{ message: "Is bad", path: [name] }] } : { value },
    },
  });
  export default rpc("checked", { input: schema("input"), output: schema("output") }, (text) => text);`,
};

testOnBroker(
  "A request gets its reply on an exclusive queue, with its correlation id",
  async ({ broker }) => {
    await using _app = await runApp({ functions, broker });
    const { queue: replyTo } = await broker.channel.assertQueue("", { exclusive: true });

    await broker.send("double", "21", { replyTo, correlationId: "c-1" });
    const { content, fields, properties } = await broker.next(replyTo);

    assert.equal(`${content}`, "42");
    assert.equal(fields.exchange, "");
    assert.equal(properties.correlationId, "c-1");
    assert.equal(properties.contentType, "application/json");
    assert.equal(properties.type, undefined);
    assert.notEqual(properties.deliveryMode, 2);
  },
);

testOnBroker("A request gets its reply over direct reply-to", async ({ broker }) => {
  await using app = await runApp({ functions, broker });

  const answers = await directCalls(broker, "double", ["1", "2", "3"]);

  assert.deepEqual(answers.map(({ content }) => `${content}`), ["2", "4", "6"]);
  assert.deepEqual(answers.map(({ properties }) => properties.correlationId), ["c0", "c1", "c2"]);
  assert.equal(app.seen("unanswered").length, 0);
});

testOnBroker(
  "Every failure of an rpc is replied as a problem, and nothing is dead-lettered",
  async ({ broker, vhost }) => {
    await using app = await runApp({ functions, broker });
    const { queue: replyTo } = await broker.channel.assertQueue("", { exclusive: true });
    const problem = async (name: string, body: string) => {
      await broker.send(name, body, { replyTo, correlationId: "c" });
      const { content, properties } = await broker.next(replyTo);
      assert.equal(properties.contentType, "application/problem+json");
      assert.equal(properties.type, "error");
      assert.equal(properties.correlationId, "c");
      return JSON.parse(`${content}`);
    };

    assert.deepEqual(await problem("fail", "typed"), {
      type: "urn:hopper:problem:ORDER_NOT_FOUND",
      title: "Order not found",
      status: 404,
      detail: "No order 7",
      code: "ORDER_NOT_FOUND",
      data: { order: 7 },
    });
    assert.deepEqual(await problem("fail", "throw"), {
      type: "urn:hopper:problem:HANDLER_FAILED",
      title: "Handler failed",
      status: 500,
      detail: "TypeError: Cannot read it",
      code: "HANDLER_FAILED",
    });
    assert.equal((await problem("fail", "unsendable")).code, "UNSENDABLE_OUTPUT");
    assert.equal((await problem("fail", "circle")).code, "UNSENDABLE_OUTPUT");
    assert.equal((await problem("fail", "bad data")).code, "BAD");
    const late = await problem("slow", "");
    assert.deepEqual([late.code, late.status, late.detail], [
      "TIMEOUT",
      504,
      "The run took longer than 30 ms",
    ]);
    const input = await problem("checked", "bad input");
    assert.deepEqual([input.code, input.status], ["INVALID_INPUT", 422]);
    assert.equal(input.detail, "The input does not match its schema: input: Is bad");
    const failed = await app.event("failed", {
      error: "RpcError: The input does not match its schema: input: Is bad",
    });
    assert.deepEqual([failed.byCaller, levelOf(failed)], [true, "info"], "nothing to mend here");
    assert.equal(levelOf(await app.event("failed", { error: "TypeError: Cannot read it" })), "error");
    assert.deepEqual(input.issues, [{ message: "Is bad", path: ["input"] }]);
    const output = await problem("checked", "bad output");
    assert.deepEqual([output.code, output.status], ["INVALID_OUTPUT", 500]);
    for (const name of Object.keys(functions)) {
      assert.equal(await broker.waiting(name), 0);
      assert.equal(await vhost.inspect("queues", `${name}.dead`), undefined);
    }
  },
);

testOnBroker("A request without reply_to is run and not answered", async ({ broker }) => {
  const app = await runApp({ functions, broker });

  await broker.send("double", "21");
  await broker.send("fail", "throw");
  await app.event("handled", { function: "double" });
  await app.event("failed", { function: "fail" });
  await app[Symbol.asyncDispose]();

  assert.equal(app.seen("unanswered").length, 0);
  assert.equal(await broker.waiting("double") + await broker.waiting("fail"), 0);
});

testOnBroker(
  "A request whose caller is gone is handled, and the log says that nobody got the reply",
  async ({ broker }) => {
    const app = await runApp({ functions, broker });

    await broker.send("double", "21", { replyTo: "no.such.queue", correlationId: "c" });
    const { error } = await app.event("unanswered", { function: "double" });
    await app[Symbol.asyncDispose]();

    assert.match(error, /^Unroutable: No queue 'no.such.queue'/);
    assert.equal(await broker.waiting("double"), 0);
  },
);

testOnBroker("A request whose caller has stopped waiting is not run", async ({ broker }) => {
  const app = await runApp({
    functions: {
      f: `export default rpc("f", { concurrency: 1 }, async (text, { log }) => {
        log(\`\${text}\`);
        await released();
        return text;
      });`,
    },
    broker,
  });
  const { queue: replyTo } = await broker.channel.assertQueue("", { exclusive: true });
  const waits = (ms: number) => ({ replyTo, headers: { "x-hopper-timeout": ms } });

  await broker.send("f", "first", waits(60_000));
  await app.event("log", { message: "first" });
  // Both wait for the first one. The clock of another machine must not matter.
  await broker.send("f", "late", waits(1));
  await broker.send("f", "in time", { ...waits(60_000), timestamp: 1 });
  await app.release();
  await app.release();
  const replies = await broker.take(replyTo, 2);
  await app[Symbol.asyncDispose]();

  assert.deepEqual(replies.map(({ content }) => `${content}`), ['"first"', '"in time"']);
  assert.deepEqual(app.said("f"), ["first", "in time"]);
  assert.equal(app.seen("expired").length, 1);
  assert.equal(await broker.waiting("f"), 0);
});

testOnBroker(
  "The broker drops a request from the queue when its caller stops waiting",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default rpc("f", { prefetch: 1 }, async (text, { log }) => {
        log(String(text));
        if (text === "first") await released();
        return text;
      });`,
        caller: `export default queue("work", async (_, { call, log }) => {
        log(await call("f", "from a handler", { timeout: 200 }).catch(({ code }) => code));
      });`,
      },
      broker,
    });
    await using client = await connect(vhost.url);

    const first = client.call("f", "first", { timeout: "1m" });
    await app.event("log", { message: "first" });
    const late = client.call("f", "from a client", { timeout: 200 }).catch((error) => error);
    await broker.send("work", "");
    assert.ok(await late instanceof CallTimeout);
    await app.event("log", { message: "CALL_TIMEOUT" });
    // The request behind them is still there.
    const last = client.call("f", "last", { timeout: "1m" });
    await app.release();

    assert.deepEqual([await first, await last], ["first", "last"]);
    assert.deepEqual(app.said("f"), ["first", "last"]);
    assert.deepEqual(app.seen("expired"), [], "they did not even come here");
  },
);

testOnBroker(
  "A run ends when its caller stops waiting, though the function's timeout is longer",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default rpc("f", async (_, { signal, log }) => {
        signal.addEventListener("abort", () => log("aborted"));
        await released();
      });`,
      },
      broker,
    });

    await broker.send("f", "", { headers: { "x-hopper-timeout": 1000 } });

    await app.event("log", { message: "aborted" });
    await app.release();
    await app.event("failed", { function: "f" });
  },
);

testOnBroker(
  "An rpc with a prefetch of 1 answers all requests one after the other",
  async ({ broker }) => {
    const one = { f: `export default rpc("f", { prefetch: 1, durable: false }, (n: number) => n + 1);` };
    await using first = await runApp({ functions: one, broker });
    await using second = await runApp({ functions: one, broker });
    const numbers = Array.from({ length: 100 }, (_, i) => `${i}`);

    const answers = await directCalls(broker, "f", numbers);

    assert.deepEqual(answers.map(({ content }) => Number(`${content}`)), numbers.map((n) => Number(n) + 1));
    assert.ok(first.seen("handled").length > 0 && second.seen("handled").length > 0);
  },
);

/** Calls over direct reply-to as the RabbitMQ manual shows it. Returns the replies in the order of the requests. */
async function directCalls(broker: Broker, name: string, bodies: string[]): Promise<amqp.ConsumeMessage[]> {
  const channel = await broker.connection.createChannel();
  const replies = new Map<string, amqp.ConsumeMessage>();
  const { promise: all, resolve } = Promise.withResolvers<void>();
  await channel.consume("amq.rabbitmq.reply-to", (message) => {
    replies.set(message!.properties.correlationId, message!);
    if (replies.size === bodies.length) resolve();
  }, { noAck: true });
  for (const [i, body] of bodies.entries()) {
    const options = { replyTo: "amq.rabbitmq.reply-to", correlationId: `c${i}` };
    channel.sendToQueue(name, Buffer.from(body), options);
  }
  await all;
  await channel.close();
  return bodies.map((_, i) => replies.get(`c${i}`)!);
}
