import assert from "node:assert/strict";
import { connect, NoSuchFunction } from "../../runtime/client/mod.ts";
import { connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "A call of an rpc whose queue has no consumer fails within seconds, before its timeout",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("asleep");
    await using hopper = await connect(vhost.url);

    const began = performance.now();
    const calls = await Promise.allSettled(Array.from({ length: 5 }, () => hopper.call("asleep", 1)));
    const ms = performance.now() - began;
    for (const call of calls) {
      assert.ok(call.status === "rejected" && call.reason instanceof NoSuchFunction);
      assert.match(
        call.reason.message,
        /^No one serves rpc 'asleep' now: its queue exists, but has no consumer/,
      );
    }
    assert.ok(ms >= 2000 && ms < 10_000, `${ms} ms`);
  },
);

testOnBroker(
  "A call waits for an rpc that is busy, starts a moment later, or fetches messages one at a time",
  async ({ broker, vhost }) => {
    await using slow = await connectBroker(vhost.url);
    for (const queue of ["busy", "later", "polled"]) await broker.channel.assertQueue(queue);
    await using hopper = await connect(vhost.url);

    const answers = Promise.all(["busy", "later", "polled"].map((name) => hopper.call(name, 1)));
    const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    await slow.channel.consume(
      "busy",
      (request) => void after(3000).then(() => slow.reply(request!, '"busy"')),
      {
        noAck: true,
      },
    );
    let polled = await slow.channel.get("polled", { noAck: true });
    while (!polled) polled = await slow.channel.get("polled", { noAck: true });
    await after(1300);
    await slow.serve("later");
    await after(1700);
    await slow.reply(polled as never, '"polled"');
    assert.deepEqual(await answers, ["busy", null, "polled"]);
  },
);

testOnBroker(
  "A call that has timed out no longer asks whether the rpc is served",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("asleep");
    await using hopper = await connect(vhost.url);
    await assert.rejects(hopper.call("asleep", 1, { timeout: 1200 }), /no reply|took|within|1200/i);
    await assert.rejects(hopper.call("asleep", 1, { timeout: 50 }));
  },
);

testOnBroker(
  "A handler's call of an rpc whose queue has no consumer fails within seconds",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("asleep");
    await using app = await runApp({
      functions: { asks: `export default rpc("asks", (_, { call }) => call("asleep", 1));` },
      broker: vhost.url,
    });
    await using hopper = await connect(vhost.url);

    const began = performance.now();
    await assert.rejects(hopper.call("asks"), /No one serves rpc 'asleep' now/);
    assert.ok(performance.now() - began < 10_000);
    assert.equal(app.seen("handled").length, 0);
  },
);
