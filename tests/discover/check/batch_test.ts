import assert from "node:assert/strict";
import type { Config, FunctionDeclaration } from "../../../runtime/mod.ts";
import { queue, rpc } from "../../../runtime/mod.ts";
import { declared, problems } from "../../support/declared.ts";

// What a file in JavaScript may write, which the types refuse.
type Written = Readonly<Record<string, unknown>>;
const written = (options: Written) =>
  queue("orders", options as { batch: { size: number } }, () => {}) as unknown as FunctionDeclaration;
const told = (options: Written, config?: Config) =>
  problems(written(options), { config }).map(({ message, fix }) => `${message}; ${fix}`);
const prefetchOf = (options: Written, config?: Config) => {
  const { settings: { prefetch, concurrency }, origins } = declared(written(options), { config });
  return { prefetch, concurrency, from: origins.prefetch };
};

Deno.test("A function with batches runs one at a time, and its prefetch is enough for the next one to gather", () => {
  const raised = "raised for 'batch'";
  assert.deepEqual(prefetchOf({ batch: { size: 100 } }), { prefetch: 200, concurrency: 1, from: raised });
  assert.deepEqual(
    prefetchOf({ batch: { size: 100 }, concurrency: 3, prefetch: 5 }),
    { prefetch: 400, concurrency: 3, from: raised },
  );
  assert.deepEqual(
    prefetchOf({ batch: { size: 10 }, prefetch: 50 }),
    { prefetch: 50, concurrency: 1, from: "file" },
  );
  assert.equal(prefetchOf({ batch: { size: 10_000 }, concurrency: 100 }).prefetch, 65_535);
  assert.equal(prefetchOf({ batch: { size: 2 } }).prefetch, 20);
});

Deno.test("A prefetch that the operator wrote for a function is not raised, and must hold one batch", () => {
  const config = (prefetch: number): Config => ({ functions: { "*": { prefetch } } });
  assert.deepEqual(prefetchOf({ batch: { size: 100 } }, config(150)), {
    prefetch: 150,
    concurrency: 1,
    from: 'deploy.config.ts: functions["*"]',
  });
  assert.deepEqual(told({ batch: { size: 100 } }, config(50)), [
    "Option 'batch' gathers 100 messages, and deploy.config.ts lets the broker send 50 at most; " +
    "write a smaller 'size', or in deploy.config.ts at least: prefetch: 100",
  ]);
  assert.equal(prefetchOf({ batch: { size: 100 } }, { defaults: { prefetch: 5 } }).prefetch, 200);
});

Deno.test("A batch waits 50 ms for its messages if the file does not say", () => {
  assert.deepEqual(declared(written({ batch: { size: 7 } })).settings.batch, { size: 7, wait: 50 });
  assert.deepEqual(declared(written({ batch: { size: 7, wait: "2s" } })).settings.batch, {
    size: 7,
    wait: 2000,
  });
});

Deno.test("A wrong batch is refused, with what to write", () => {
  const example = `; for example: batch: { size: 100, wait: "50ms" }`;
  const size = "Option 'batch.size': expected a whole number from 1 to 10000";
  assert.deepEqual(told({ batch: { size: 0 } }), [`${size}, got 0${example}`]);
  assert.deepEqual(told({ batch: { size: 2.5 } }), [`${size}, got 2.5${example}`]);
  assert.deepEqual(told({ batch: { size: 100_000 } }), [`${size}, got 100000${example}`]);
  assert.deepEqual(told({ batch: { wait: "50ms" } }), [`${size}, got undefined${example}`]);
  assert.deepEqual(told({ batch: 100 }), [
    `Option 'batch': expected an object, such as { size: 100, wait: "50ms" }, got 100${example}`,
  ]);
  assert.deepEqual(told({ batch: { size: 1, wait: "10m" } }), [
    `Option 'batch.wait': expected milliseconds as a whole number, or "250ms", "30s", "5m", "1h", "2d"; ` +
    `at most 5 minutes, got "10m"${example}`,
  ]);
  assert.deepEqual(told({ batch: { size: 1, waits: 1 } }), [
    "Unknown option 'batch.waits'; did you mean 'wait'?; allowed: size, wait",
  ]);
});

Deno.test("What makes no sense with batches is refused, with the reason", () => {
  const batch = { size: 10 };
  for (const ack of ["manual", "none"]) {
    assert.deepEqual(told({ batch, ack }), [
      `Option 'batch' needs ack: "auto": which messages of a batch failed is known when its handler has ended; ` +
      "remove 'ack', or 'batch'",
    ]);
  }
  assert.deepEqual(told({ batch, publish: { queue: "done" } }), [
    "Option 'publish' does not go with 'batch': the handler returns once for many messages; " +
    "remove 'publish', and publish in the handler: await ctx.publish(exchange, key, body)",
  ]);
  const output = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } };
  assert.deepEqual(told({ batch, output }), [
    "Option 'output' does not go with 'batch': nobody gets what the handler returns; remove 'output'",
  ]);
  assert.deepEqual(
    problems(rpc("fib", { batch } as Written, () => {})).map(({ message, fix }) => `${message}; ${fix}`),
    ["Option 'batch' does not go with an rpc: each caller waits for its own reply; remove 'batch'"],
  );
  const config = { functions: { orders: { consumerTimeout: "60s", timeout: "50s" } } } as const;
  assert.deepEqual(told({ batch: { size: 10, wait: "20s" } }, config), [
    "Option 'batch.wait' of 20000 ms and 'timeout' of 50000 ms are together not within the broker's own 60000 ms for " +
    "an unacknowledged message; write shorter ones, or raise consumer_timeout at the broker and 'consumerTimeout' in " +
    "deploy.config.ts",
  ]);
});
