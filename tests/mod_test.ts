import assert from "node:assert/strict";
import * as hopper from "hopper";
import type { Config, Context, FunctionDeclaration } from "hopper";
import { defineConfig, direct, fanout, headers, queue, rpc, schedule, topic } from "hopper";

const handler = (input: unknown) => input;

Deno.test("The module 'hopper' exports exactly the documented names", () => {
  assert.deepEqual(Object.keys(hopper).sort(), [
    "BatchFailed",
    "HopperError",
    "Reject",
    "Retry",
    "RpcError",
    "defineConfig",
    "direct",
    "fanout",
    "headers",
    "queue",
    "rpc",
    "schedule",
    "topic",
  ]);
});

Deno.test("Each trigger function declares where its messages come from", () => {
  const match = { all: { format: "pdf" } };
  const triggers = [
    queue("orders", handler),
    fanout("logs", handler),
    direct("logs", ["warning", "error"], handler),
    topic("logs", ["kern.*", "#"], handler),
    headers("reports", match, handler),
    rpc("fib", handler),
    schedule("0 3 * * *", handler),
  ].map(({ trigger }) => trigger);

  assert.deepEqual(triggers, [
    { kind: "queue", queue: "orders" },
    { kind: "fanout", exchange: "logs" },
    { kind: "direct", exchange: "logs", keys: ["warning", "error"] },
    { kind: "topic", exchange: "logs", patterns: ["kern.*", "#"] },
    { kind: "headers", exchange: "reports", match },
    { kind: "rpc", name: "fib" },
    { kind: "schedule", expression: "0 3 * * *" },
  ]);
});

Deno.test("A single key or pattern may be a string", () => {
  assert.deepEqual(direct("logs", "error", handler).trigger, {
    kind: "direct",
    exchange: "logs",
    keys: ["error"],
  });
  assert.deepEqual(topic("logs", "#", handler).trigger, { kind: "topic", exchange: "logs", patterns: ["#"] });
});

Deno.test("A trigger function takes its options before the handler, or none", () => {
  const options = { prefetch: 1 };
  const each: [bare: FunctionDeclaration, withOptions: FunctionDeclaration][] = [
    [queue("q", handler), queue("q", options, handler)],
    [fanout("x", handler), fanout("x", options, handler)],
    [direct("x", "k", handler), direct("x", "k", options, handler)],
    [topic("x", "#", handler), topic("x", "#", options, handler)],
    [headers("x", { any: { a: 1 } }, handler), headers("x", { any: { a: 1 } }, options, handler)],
    [rpc("r", handler), rpc("r", options, handler)],
  ];
  for (const [bare, withOptions] of each) {
    assert.deepEqual(bare.options, {});
    assert.equal(withOptions.options, options);
    assert.deepEqual([bare.handler, withOptions.handler], [handler, handler]);
    assert.deepEqual(bare.trigger, withOptions.trigger);
  }
});

Deno.test("A handler can be tested as a plain function", async () => {
  const charge = rpc("charge", async (order: { amount: number }, { log }) => {
    log(`Charging ${order.amount}`);
    return await Promise.resolve({ charged: order.amount });
  });
  const said: string[] = [];
  const context = { log: (text: string) => said.push(text) } as unknown as Context;

  assert.deepEqual(await charge.handler({ amount: 5 }, context), { charged: 5 });
  assert.deepEqual(said, ["Charging 5"]);
});

Deno.test("A declaration shows its trigger, options and handler, and nothing else", () => {
  assert.deepEqual(Object.keys(queue("orders", handler)), ["trigger", "options", "handler"]);
  assert.equal(
    JSON.stringify(queue("orders", { prefetch: 1 }, handler)),
    '{"trigger":{"kind":"queue","queue":"orders"},"options":{"prefetch":1}}',
  );
});

Deno.test("A trigger function never throws for wrong arguments, because they are reported when the file is checked", () => {
  // deno-lint-ignore no-explicit-any
  const anything = hopper as any;
  for (const trigger of ["queue", "fanout", "direct", "topic", "headers", "rpc"]) {
    for (const args of [[], [undefined], ["x"], [null, null], ["x", {}, {}, {}, handler]]) {
      assert.doesNotThrow(() => anything[trigger](...args), `${trigger}(${args})`);
    }
  }
});

Deno.test("The function defineConfig() returns the config that it was given", () => {
  const config: Config = { defaults: { prefetch: 5 } };
  assert.equal(defineConfig(config), config);
});
