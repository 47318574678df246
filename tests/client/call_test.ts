import assert from "node:assert/strict";
import {
  CallTimeout,
  connect,
  ConnectionLost,
  HopperError,
  NoSuchFunction,
  RpcError,
} from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const functions = {
  double: `export default rpc("double", (n: number) => 2 * n);`,
  echo: `export default rpc("echo", (input) => input);`,
  hang:
    `export default rpc("hang", async (_, { log }) => { log("hangs"); await released(); return "late"; });`,
  fail: `export default rpc("fail", () => {
    throw new RpcError("ORDER_NOT_FOUND", { detail: "No order 7", status: 404, data: { order: 7 } });
  });`,
};

testOnBroker("A call returns what the handler returned", async ({ vhost }) => {
  await using _app = await runApp({ functions, broker: vhost.url });
  await using hopper = await connect(vhost.url);

  assert.equal(await hopper.call("double", 21), 42);
  for (const value of ["text", "", 0, null, [1, { a: null }], true]) {
    assert.deepEqual(await hopper.call("echo", value), value);
  }
  assert.deepEqual(await hopper.call("echo", new Uint8Array([0, 255])), new Uint8Array([0, 255]));
  assert.equal(await hopper.call("echo"), null);
});

testOnBroker("A call rejects with the handler's typed error", async ({ vhost }) => {
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

testOnBroker("A call of an rpc that does not exist fails at once", async ({ vhost }) => {
  await using hopper = await connect(vhost.url);

  const error = await hopper.call("nobody", 1, { timeout: "1h" }).catch((error) => error);

  assert.ok(error instanceof NoSuchFunction);
  assert.equal(error.code, "NO_SUCH_FUNCTION");
  assert.match(error.message, /^No one serves rpc 'nobody'/);
});

testOnBroker(
  "A call that times out names the rpc, and its late reply is ignored",
  async ({ vhost }) => {
    await using app = await runApp({ functions, broker: vhost.url });
    await using hopper = await connect(vhost.url);

    // The function's process starts with the call. A call that nobody waits for would not be run.
    const error = await hopper.call("hang", 1, { timeout: 3_000 }).catch((error) => error);
    await app.release();
    await app.event("failed", { function: "hang" });

    assert.ok(error instanceof CallTimeout);
    assert.equal(error.message, "rpc 'hang' sent no reply within 3000 ms");
    assert.equal(await hopper.call("double", 4), 8);
  },
);

testOnBroker(
  "A call rejects when the connection is lost, and the next call uses a new one",
  async ({ vhost }) => {
    await using app = await runApp({ functions, broker: vhost.url });
    await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
    await using hopper = await connect(proxy.via(vhost.url));
    const hanging = hopper.call("hang", 1).catch((error) => error);
    await app.event("log", { message: "hangs" });

    proxy.cut();
    proxy.heal();

    const error = await hanging;
    assert.ok(error instanceof ConnectionLost);
    assert.match(error.message, /calling rpc 'hang'/);
    assert.equal(await hopper.call("double", 4), 8);
    await app.release();
  },
);

testOnBroker(
  "A call's request has the properties that other servers expect",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("by.hand");
    await using hopper = await connect(vhost.url);

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
    assert.deepEqual(properties.headers, { tenant: "acme", "x-hopper-timeout": 20_000 });
  },
);

testOnBroker(
  "A call that waited for its connection sends the rest of its timeout",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("by.hand");
    await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
    await using hopper = await connect(proxy.via(vhost.url));
    const hanging = hopper.call("by.hand").catch((error) => error);
    await broker.next("by.hand");
    proxy.cut();
    assert.ok(await hanging instanceof ConnectionLost);

    const called = hopper.call("by.hand", 1, { timeout: "20s" });
    proxy.heal();
    const request = await broker.next("by.hand");
    await broker.reply(request, '"done"');

    assert.equal(await called, "done");
    const left = request.properties.headers!["x-hopper-timeout"];
    assert.ok(left > 0 && left < 20_000, `${left}`);
    assert.equal(request.properties.expiration, `${left}`);
  },
);

testOnBroker(
  "A call understands replies of other programs, even malformed ones",
  async ({ broker, vhost }) => {
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

testOnBroker("1,000 calls at the same time each get their own answer", async ({ vhost }) => {
  await using _app = await runApp({ functions, broker: vhost.url });
  await using hopper = await connect(vhost.url);
  const numbers = Array.from({ length: 1000 }, (_, i) => i);

  const answers = await Promise.all(numbers.map((n) => hopper.call<number>("double", n)));

  assert.deepEqual(answers, numbers.map((n) => 2 * n));
});

testOnBroker(
  "Calls one after the other each take much less than the 40 ms of a delayed TCP acknowledgement",
  async ({ vhost }) => {
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
  },
);

testOnBroker(
  "A signal ends a call with its reason, before and while it waits",
  async ({ vhost }) => {
    await using app = await runApp({ functions, broker: vhost.url });
    await using hopper = await connect(vhost.url);
    const controller = new AbortController();
    const hanging = hopper.call("hang", 1, { signal: controller.signal });
    await app.event("log", { message: "hangs" });

    controller.abort(new Error("No longer needed"));

    await assert.rejects(hanging, /No longer needed/);
    await assert.rejects(hopper.call("double", 1, { signal: controller.signal }), /No longer needed/);
    assert.equal(await hopper.call("double", 1), 2);
    await app.release();
  },
);
