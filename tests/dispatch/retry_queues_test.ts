/** The queues in which messages wait for their next run. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { queueNames } from "../support/rabbitmq.ts";
import { testOnRabbitmq } from "../support/test_on_broker.ts";

testOnRabbitmq(
  "Each delay has one retry queue, with arguments that any program can declare",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `const retry = { attempts: 5, delay: 20, factor: 2, max: 40, jitter: 0 };
      export default queue("q", { retry }, () => { throw new Error("No"); });`,
      },
      broker,
    });

    for (const body of ["a", "b", "c"]) await broker.send("q", body);
    await app.events("dead-lettered", 3);

    assert.deepEqual(await queueNames(vhost), ["q", "q.dead", "q.retry.20", "q.retry.40"]);
    for (const ms of [20, 40]) {
      const { durable, auto_delete, exclusive, arguments: args } = await vhost.inspect(
        "queues",
        `q.retry.${ms}`,
      );
      assert.deepEqual({ durable, auto_delete, exclusive, args }, {
        durable: true,
        auto_delete: false,
        exclusive: false,
        args: {
          "x-message-ttl": ms,
          "x-expires": ms + 3_600_000,
          "x-dead-letter-exchange": "",
          "x-dead-letter-routing-key": "q",
          ...broker.expected.typeArgument,
        },
      });
    }
  },
);

testOnRabbitmq(
  "A deleted retry queue is declared again for the next message",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { retry: { delay: 10, jitter: 0 } }, (_, { attempt }) => {
        if (attempt === 1) throw new Error("No");
      });`,
      },
      broker,
    });

    await broker.send("q", "a", { messageId: "m1" });
    await app.event("handled", { messageId: "m1" });
    await broker.channel.deleteQueue("q.retry.10");
    await broker.send("q", "b", { messageId: "m2" });

    assert.equal((await app.event("handled", { messageId: "m2" })).attempt, 2);
    assert.deepEqual(await queueNames(vhost), ["q", "q.retry.10"]);
  },
);

testOnRabbitmq(
  "A failed message of an exclusive function is retried by the same instance, through a retry queue named after the function",
  async ({ broker, vhost }) => {
    const functions = {
      "log/watch": `const retry = { attempts: 3, delay: 10, jitter: 0 };
    export default fanout("logs", { exclusive: true, retry }, (_, { attempt, message }) => {
      if (attempt < 3) throw new Error("No");
    });`,
    };
    await using one = await runApp({ functions, broker });
    await using other = await runApp({ functions, broker });

    await broker.publish("logs", "", "a", { messageId: "m1" });

    for (const app of [one, other]) {
      assert.equal((await app.event("handled")).attempt, 3);
      assert.deepEqual(app.seen("failed").map(({ attempt }) => attempt), [1, 2]);
    }
    const instances = [one, other].map((app) => app.seen("attached")[0]!.queue);
    assert.deepEqual(
      (await queueNames(vhost)).filter((name) => name.startsWith("log.watch")),
      [10, 40].flatMap((ms) => instances.map((queue) => `log.watch.retry.${ms}.${queue}`)).sort(),
    );
  },
);
