import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { RpcError } from "../../runtime/mod.ts";
import { runApp, type TestApp } from "../support/app.ts";
import { queueNames } from "../support/rabbitmq.ts";
import { testOnBroker, testOnRabbitmq } from "../support/test_on_broker.ts";

/** When each run of each message began, by the message's body, from `log(body, { at: Date.now() })`. */
function runs(app: TestApp): Map<string, number[]> {
  const runs = new Map<string, number[]>();
  for (const { message, data } of app.seen("log")) {
    runs.set(message, [...runs.get(message) ?? [], data!.at as number]);
  }
  return runs;
}

/** Milliseconds between each run and the next. */
function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]!);
}

testOnBroker(
  "A failed message is retried after each delay up to its number of attempts, and then dead-lettered",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `const retry = { attempts: 4, delay: 40, factor: 2, jitter: 0 };
      export default queue("q", { retry }, (body, { log, attempt }) => {
        log("run", { at: Date.now(), attempt });
        throw new Error("No");
      });`,
      },
      broker,
    });

    await broker.send("q", "a", { messageId: "m1" });
    await app.event("dead-lettered", { messageId: "m1" });

    assert.deepEqual(app.seen("log").map(({ data }) => data!.attempt), [1, 2, 3, 4]);
    assert.deepEqual(app.seen("failed").map(({ attempt }) => attempt), [1, 2, 3, 4]);
    assert.deepEqual(
      app.seen("retrying").map(({ attempt, retryMs, error }) => [attempt, retryMs, error]),
      [[1, 40, "Error: No"], [2, 80, "Error: No"], [3, 160, "Error: No"]],
    );
    const waited = gaps(runs(app).get("run")!);
    assert.ok([40, 80, 160].every((ms, i) => waited[i]! >= ms), `${waited}`);
    assert.equal((await broker.next("q.dead")).properties.headers!["x-hopper-attempts"], 4);
  },
);

testOnRabbitmq(
  "Retry({ after }) never retries early, and many different waits need few queues",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { retry: {}, pause: false }, (after, { log, attempt }) => {
        log(String(after), { at: Date.now() });
        if (attempt === 1) throw new Retry({ after });
      });`,
      },
      broker,
    });
    const asked = Array.from({ length: 60 }, (_, i) => 20 + i);

    // The longest first, so that the others wait behind it.
    await Promise.all(asked.toReversed().map((ms) => broker.send("q", `${ms}`)));
    await app.events("handled", asked.length);

    for (const ms of asked) {
      const [waited] = gaps(runs(app).get(`${ms}`)!);
      assert.ok(waited! >= ms, `${waited} of ${ms}`);
    }
    assert.deepEqual(await queueNames(vhost), ["q", ...[100, 20, 50].map((ms) => `q.retry.${ms}`)]);
  },
);

testOnBroker(
  "Retry({ after }) is late by at most 200 ms or a tenth, whatever else waits in its queue",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { retry: {}, pause: false, prefetch: 1 }, (after: number, { log, attempt }) => {
        log(String(after), { at: Date.now() });
        if (attempt === 1) throw new Retry({ after });
      });`,
      },
      broker,
    });
    // Each one waits behind a longer one, except the last.
    const asked = [3500, 2600, 2500, 1500, 1110, 700, 510, 100, 30];

    for (const ms of asked) await broker.send("q", `${ms}`);
    await app.events("handled", asked.length);

    for (const ms of asked) {
      const [waited] = gaps(runs(app).get(`${ms}`)!);
      assert.ok(waited! >= ms && waited! <= ms + Math.max(200, ms / 10), `${waited} of ${ms}`);
    }
  },
);

testOnRabbitmq(
  "With jitter messages come back from one retry queue at different times",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { retry: { delay: 100, jitter: 0.5 }, pause: false }, (body, { log, attempt }) => {
        log(String(body), { at: Date.now() });
        if (attempt === 1) throw new Error("No");
      });`,
      },
      broker,
    });

    for (let i = 0; i < 30; i++) await broker.send("q", `${i}`);
    await app.events("handled", 30);

    const waits = app.seen("retrying").map(({ retryMs }) => retryMs);
    assert.ok(waits.every((ms) => ms >= 50 && ms <= 100), `${waits}`);
    assert.ok(new Set(waits).size > 5, `${waits}`);
    for (const times of runs(app).values()) assert.ok(gaps(times)[0]! >= 50);
    assert.deepEqual(await queueNames(vhost), ["q", "q.retry.100"]);
  },
);

testOnRabbitmq(
  "With 'retry: false', and after a Reject, a message is not retried",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        never: `export default queue("never", { retry: false }, () => { throw new Error("No"); });`,
        reject: `export default queue("reject", () => { throw new Reject("Can never work"); });`,
      },
      broker,
    });

    for (const queue of ["never", "reject"]) await broker.send(queue, "a");
    await app.events("dead-lettered", 2);

    assert.equal(app.seen("failed").length, 2);
    assert.deepEqual(app.seen("retrying"), []);
    assert.deepEqual(await queueNames(vhost), ["never", "never.dead", "reject", "reject.dead"]);
  },
);

testOnRabbitmq("An rpc is never retried, because its caller gets the error", async ({ vhost }) => {
  await using app = await runApp({
    functions: {
      f: `export default rpc("fail", (how) => {
        throw how === "retry" ? new Retry({ after: 1 }) : new RpcError("NO", { detail: "No" });
      });`,
    },
    broker: vhost.url,
  });
  await using client = await connect(vhost.url);

  await assert.rejects(
    client.call("fail", "error"),
    (error) => error instanceof RpcError && error.code === "NO",
  );
  await assert.rejects(client.call("fail", "retry"), RpcError);

  assert.deepEqual(app.seen("failed").map(({ attempt }) => attempt), [1, 1]);
  assert.deepEqual(await queueNames(vhost), ["fail"]);
});

testOnBroker("With a delay of 0 a message is retried at once", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { retry: { attempts: 10, delay: 0 } }, () => { throw new Error("No"); });`,
    },
    broker,
  });

  await broker.send("q", "a");
  await app.event("dead-lettered");

  assert.equal(app.seen("failed").length, 10);
});

testOnBroker(
  "With 'ack: \"manual\"' a message whose handler throws is retried, unless the handler settled it",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { ack: "manual", retry: { delay: 5 } }, (body, { ack, attempt }) => {
        if (body === "settled" || attempt === 2) ack();
        if (attempt === 1) throw new Error("No");
      });`,
      },
      broker,
    });

    await broker.send("q", "settled", { messageId: "m1" });
    await broker.send("q", "open", { messageId: "m2" });

    assert.equal((await app.event("handled")).messageId, "m2");
    await app.event("retrying");
    assert.deepEqual(app.seen("retrying").map(({ messageId }) => messageId), ["m2"]);
    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBroker(
  "Each run of a quorum queue's message counts as one attempt, and a sender cannot forge the count",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `const retry = { attempts: 5, delay: 5, jitter: 0 };
      export default queue("q", { queueType: "quorum", ack: "manual", retry }, (_, { ack, nack, attempt, log }) => {
        log("run", { attempt });
        if (attempt === 1) nack();
        else if (attempt < 4) throw new Error("No");
        else ack();
      });`,
      },
      broker,
    });

    await broker.send("q", "a", { headers: { "x-delivery-count": 50 } });
    await app.events("log", 4);

    assert.deepEqual(app.seen("log").map(({ data }) => data!.attempt), [1, 2, 3, 4]);
  },
);
