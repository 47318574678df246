import assert from "node:assert/strict";
import {
  CallTimeout,
  connect,
  ConnectionLost,
  HopperError,
  NoSuchFunction,
  RpcError,
  Unroutable,
} from "../../runtime/client/mod.ts";
import { NoSuchExchange } from "../../runtime/core/link_errors.ts";
import { connectBroker } from "../support/amqp.ts";
import { release, runApp } from "../support/app.ts";
import { freePort } from "../support/ports.ts";
import { Proxy } from "../support/proxy.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

const functions = {
  double: `export default rpc("double", (n: number) => 2 * n);`,
  echo: `export default rpc("echo", (input) => input);`,
  hang:
    `export default rpc("hang", async (_, { log }) => { log("hangs"); await released(); return "late"; });`,
  fail: `export default rpc("fail", () => {
    throw new RpcError("ORDER_NOT_FOUND", { detail: "No order 7", status: 404, data: { order: 7 } });
  });`,
};

Deno.test("call gives what the handler returned", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using _app = await runApp({ functions, broker: vhost.url });
  await using hopper = await connect(vhost.url);

  assert.equal(await hopper.call("double", 21), 42);
  for (const value of ["text", "", 0, null, [1, { a: null }], true]) {
    assert.deepEqual(await hopper.call("echo", value), value);
  }
  assert.deepEqual(await hopper.call("echo", new Uint8Array([0, 255])), new Uint8Array([0, 255]));
  assert.equal(await hopper.call("echo"), null);
});

Deno.test("call: a handler's error comes back typed", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using _app = await runApp({ functions, broker: vhost.url });
  await using hopper = await connect(vhost.url);

  const error = await hopper.call("fail").catch((error) => error);

  assert.ok(error instanceof RpcError);
  const { code, message, status, data } = error;
  assert.deepEqual({ code, message, status, data }, {
    code: "ORDER_NOT_FOUND",
    message: "No order 7",
    status: 404,
    data: { order: 7 },
  });
});

Deno.test("call: a name that no one serves fails at once", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using hopper = await connect(vhost.url);

  const error = await hopper.call("nobody", 1, { timeout: "1h" }).catch((error) => error);

  assert.ok(error instanceof NoSuchFunction);
  assert.equal(error.code, "NO_SUCH_FUNCTION");
  assert.match(error.message, /^No one serves rpc 'nobody'/);
});

Deno.test(
  "call: a timeout names the call, and a late reply harms no one",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using app = await runApp({ functions, broker: vhost.url });
    await using hopper = await connect(vhost.url);

    const error = await hopper.call("hang", 1, { timeout: 50 }).catch((error) => error);
    await app.event("failed", { function: "hang" });
    release();

    assert.ok(error instanceof CallTimeout);
    assert.equal(error.message, "rpc 'hang' sent no reply within 50 ms");
    assert.equal(await hopper.call("double", 4), 8);
  },
);

Deno.test(
  "call: a lost connection rejects, and the next call finds a new one",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using app = await runApp({ functions, broker: vhost.url });
    await using proxy = new Proxy(vhost.url);
    await using hopper = await connect(proxy.url);
    const hanging = hopper.call("hang", 1).catch((error) => error);
    await app.event("log", { message: "hangs" });

    proxy.cut();

    const error = await hanging;
    assert.ok(error instanceof ConnectionLost);
    assert.match(error.message, /calling rpc 'hang'/);
    assert.equal(await hopper.call("double", 4), 8);
    release();
  },
);

Deno.test("call: the request is what the design says", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("by.hand");
  await using hopper = await connect(vhost.url);
  const before = Date.now();

  const called = hopper.call("by.hand", { a: 1 }, { timeout: "20s", headers: { tenant: "acme" } });
  const { content, fields, properties } = await broker.next("by.hand");
  await broker.send(properties.replyTo, "done", { correlationId: "somebody else's" });
  await broker.send(properties.replyTo, "done", { correlationId: properties.correlationId });

  assert.equal(await called, "done");
  assert.equal(`${content}`, '{"a":1}');
  assert.equal(fields.exchange, "");
  assert.equal(properties.contentType, "application/json");
  assert.equal(properties.expiration, "20000");
  assert.match(properties.replyTo, /^amq\.rabbitmq\.reply-to\./);
  const { "x-hopper-deadline": deadline, ...headers } = properties.headers!;
  assert.ok(deadline >= before + 20_000 && deadline <= Date.now() + 20_000);
  assert.deepEqual(headers, { tenant: "acme" });
});

Deno.test(
  "call: replies of other programs are understood, the wrong ones too",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await broker.channel.assertQueue("by.hand");
    await using hopper = await connect(vhost.url);
    const answered = async (body: string, options = {}) => {
      const called = hopper.call("by.hand").catch((error) => error);
      const { properties } = await broker.next("by.hand");
      await broker.send(properties.replyTo, body, { correlationId: properties.correlationId, ...options });
      return await called;
    };

    const refused = async (body: string, options: object) => {
      const error = await answered(body, options);
      assert.ok(error instanceof HopperError);
      return `${error.code}: ${error.message}`;
    };
    const problem = { contentType: "application/problem+json" };

    assert.equal(await answered("832040"), 832040);
    assert.equal(await answered("plain text"), "plain text");
    assert.match(
      await refused("{oops", { contentType: "application/json" }),
      /^BAD_REPLY: The reply of rpc 'by\.hand'/,
    );
    assert.equal(await refused('{ "title": "Too late" }', problem), "UNKNOWN: Too late");
    assert.match(await refused("{oops", problem), /^UNKNOWN: The error reply is not a problem object/);
    assert.match(await refused("7", { type: "error" }), /^UNKNOWN: The error reply is not a problem object/);
  },
);

Deno.test("call: 1,000 at once, each with its own answer", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using _app = await runApp({ functions, broker: vhost.url });
  await using hopper = await connect(vhost.url);
  const numbers = Array.from({ length: 1000 }, (_, i) => i);

  const answers = await Promise.all(numbers.map((n) => hopper.call<number>("double", n)));

  assert.deepEqual(answers, numbers.map((n) => 2 * n));
});

Deno.test("call: one after the other takes nowhere near the 40 ms of a delayed acknowledgement", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using _app = await runApp({ functions, broker: vhost.url });
  await using hopper = await connect(vhost.url);
  const times: number[] = [];

  for (let n = 0; n < 50; n++) {
    const started = performance.now();
    await hopper.call("double", n);
    times.push(performance.now() - started);
  }

  const median = times.toSorted((a, b) => a - b)[25]!;
  assert.ok(median < 20, `the median was ${median} ms`);
});

Deno.test(
  "call: a signal ends the wait with its reason, before and while it waits",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using app = await runApp({ functions, broker: vhost.url });
    await using hopper = await connect(vhost.url);
    const controller = new AbortController();
    const hanging = hopper.call("hang", 1, { signal: controller.signal });
    await app.event("log", { message: "hangs" });

    controller.abort(new Error("No longer needed"));

    await assert.rejects(hanging, /No longer needed/);
    await assert.rejects(hopper.call("double", 1, { signal: controller.signal }), /No longer needed/);
    assert.equal(await hopper.call("double", 1), 2);
    release();
  },
);

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
  await assert.rejects(hopper.send("tasks", 1, { headers: { long: "x".repeat(70_000) } }), {
    code: "UNSENDABLE",
  });
  await assert.rejects(hopper.send("tasks", 1, { messageId: "x".repeat(256) }), { code: "UNSENDABLE" });
  await assert.rejects(hopper.call("tasks", 1, { timeout: "30d" }), /less than 25 days/);
  await assert.rejects(hopper.call("tasks", 1, { timeout: "soon" as never }), /timeout: expected/);
  await hopper.send("tasks", "good");

  assert.equal(await broker.waiting("tasks"), 1);
});

Deno.test(
  "close waits until what was sent is confirmed; a call that waits rejects",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await using app = await runApp({ functions, broker });
    await broker.channel.assertQueue("tasks");
    const hopper = await connect(vhost.url);
    const hanging = hopper.call("hang", 1).catch((error) => error);
    await app.event("log", { message: "hangs" });

    const sent = Promise.all(Array.from({ length: 100 }, (_, i) => hopper.send("tasks", i)));
    await hopper.close();

    await sent;
    assert.equal(await broker.waiting("tasks"), 100);
    assert.ok(await hanging instanceof ConnectionLost);
    await assert.rejects(hopper.send("tasks", 1), ConnectionLost);
    await assert.rejects(hopper.call("double", 1), ConnectionLost);
    await hopper.close();
    release();
  },
);

Deno.test("connect gives up after its time and says what it met", { ignore: !rabbitmq }, async () => {
  const port = freePort();

  await assert.rejects(connect(`amqp://u:secret@127.0.0.1:${port}`, { timeout: "300ms" }), (error: Error) => {
    assert.ok(error instanceof ConnectionLost);
    assert.match(error.message, new RegExp(`amqp://u@127\\.0\\.0\\.1:${port} for 300 ms .*ECONNREFUSED`));
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await assert.rejects(connect("http://127.0.0.1"), /begins with 'http:\/\/'/);
});

Deno.test("connect says when the broker refuses who it is", { ignore: !rabbitmq }, async () => {
  const wrong = rabbitmq!.url.replace("guest:guest", "guest:wrong");

  await assert.rejects(connect(wrong, { timeout: "1s" }), /ACCESS_REFUSED|403/);
  await assert.rejects(connect(`${rabbitmq!.url}/no-such-vhost`, { timeout: "1s" }), /no-such-vhost/);
});

Deno.test("connect gives up on a program that accepts and never answers", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of silent) accepted.push(connection);
  })();
  const started = performance.now();

  await assert.rejects(connect(`amqp://127.0.0.1:${silent.addr.port}`, { timeout: "300ms" }), ConnectionLost);

  assert.ok(performance.now() - started < 3000);
  silent.close();
  await accepting;
  for (const connection of accepted) connection.close();
});
