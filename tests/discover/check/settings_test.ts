import assert from "node:assert/strict";
import type { Config, Options } from "../../../runtime/mod.ts";
import { fanout, queue, rpc, topic } from "../../../runtime/mod.ts";
import { declared, problems } from "../../support/declared.ts";

const handler = () => {};
const onQueue = (options: Options, config?: Config) =>
  problems(queue("orders", options, handler), { config }).map(({ message, fix }) => `${message}; ${fix}`);
const onFanout = (options: Options, config?: Config) =>
  problems(fanout("logs", options, handler), { config }).map(({ message, fix }) => `${message}; ${fix}`);
const onRpc = (options: Options, config?: Config) =>
  problems(rpc("fib", options, handler), { config }).map(({ message, fix }) => `${message}; ${fix}`);

Deno.test("The option 'retry' cannot be combined with 'ack: \"none\"'", () => {
  const told =
    `Option 'ack: "none"' and 'retry' cannot be combined: the broker has forgotten the message by the ` +
    `time it fails; remove 'retry', or write: ack: "auto"`;

  assert.deepEqual(onQueue({ ack: "none", retry: { attempts: 3 } }), [told]);
  assert.deepEqual(onQueue({ ack: "none", retry: {} }), [told]);
  assert.deepEqual(onQueue({ ack: "none" }, { functions: { orders: { retry: { attempts: 3 } } } }), [told]);
  assert.deepEqual(onQueue({ retry: { attempts: 3 } }, { functions: { "*": { ack: "none" } } }), [told]);
});

Deno.test("With 'ack: \"none\"' retry and dead letters are off without being switched off", () => {
  for (const options of [{ ack: "none" }, { ack: "none", retry: false }] as const) {
    const { settings } = declared(queue("orders", options, handler));
    assert.deepEqual([settings.retry, settings.deadLetter], [false, false]);
  }
  assert.deepEqual(
    onQueue({ ack: "none" }, { defaults: { retry: { attempts: 3 } } }),
    [],
    "defaults are for others",
  );
});

Deno.test("The option 'pause' must not wait for more failures than runs", () => {
  assert.deepEqual(onQueue({ pause: { failures: 30 } }), [
    "Option 'pause' waits for 30 failures of 20 runs, which never come; " +
    "write no more failures than runs, as: pause: { failures: 15, of: 20 }",
  ]);
  assert.deepEqual(onQueue({ pause: { failures: 30, of: 30 } }), []);
});

Deno.test("The option 'dedupe' is refused for an rpc and with 'ack: \"manual\"'", () => {
  assert.deepEqual(onRpc({ dedupe: { for: "1m" } }), [
    "Option 'dedupe' does not go with an rpc: each request needs its reply; remove 'dedupe'",
  ]);
  assert.deepEqual(onQueue({ ack: "manual", dedupe: { for: "1m" } }), [
    `Option 'dedupe' needs ack: "auto": what was handled is known by the run's outcome; remove 'dedupe'`,
  ]);
  assert.deepEqual(onQueue({ dedupe: { for: "1m" } }), []);
});

Deno.test("What is about a shared store of handled ids is refused where there is none", () => {
  assert.deepEqual(onQueue({ dedupe: { for: "1m", onStoreDown: "run" } }), [
    "Option 'dedupe.onStoreDown' is about a store that replicas share, and the ids are remembered in memory; remove " +
    `'onStoreDown', or write: store: "redis"`,
  ]);
  assert.deepEqual(onQueue({ dedupe: { for: "1m", store: "disk", env: "IDS" } }), [
    "Option 'dedupe.env' is about a store that replicas share, and the ids are remembered on the disk; remove 'env', " +
    `or write: store: "redis"`,
  ]);
  assert.deepEqual(onQueue({ dedupe: { for: "1m", store: "postgres", env: "IDS", onStoreDown: "run" } }), []);
  assert.deepEqual(onRpc({}, { defaults: { dedupe: { for: "1m" } } }), [], "defaults are for others");
});

Deno.test("The option 'retry' is refused for an rpc", () => {
  const told =
    "Option 'retry' has no effect on an rpc: its caller gets the error and decides; remove 'retry'";

  assert.deepEqual(onRpc({ retry: { attempts: 3 } }), [told]);
  assert.deepEqual(onRpc({ retry: false }), []);
  assert.deepEqual(onRpc({}, { defaults: { retry: { attempts: 3 } } }), []);
});

Deno.test("A quorum queue must be durable and not exclusive", () => {
  assert.deepEqual(onQueue({ queueType: "quorum" }), []);
  assert.deepEqual(onQueue({ queueType: "quorum", durable: false }), [
    `Option 'queueType: "quorum"' needs a durable queue; remove 'durable: false'`,
  ]);
  assert.deepEqual(onFanout({ queueType: "quorum", exclusive: true }), [
    `Option 'queueType: "quorum"' cannot be exclusive; remove 'exclusive', or the queue type`,
  ]);
});

Deno.test("Options are checked together after the config has been merged", () => {
  assert.deepEqual(onQueue({ queueType: "quorum" }, { defaults: { durable: false } }).length, 1);
  assert.deepEqual(onQueue({ durable: false }, { defaults: { queueType: "quorum" } }).length, 1);
  assert.deepEqual(
    onQueue({ queueType: "quorum", durable: false }, { functions: { orders: { durable: true } } }),
    [],
  );
});

Deno.test("The option 'queue' is refused for triggers that name a queue", () => {
  assert.deepEqual(onFanout({ queue: "audit" }), []);
  assert.deepEqual(onQueue({ queue: "audit" }), [
    `Option 'queue' names an exchange trigger's own queue; queue(…) takes its queue's name first; ` +
    `write: queue("name", handler)`,
  ]);
  assert.deepEqual(onRpc({ queue: "audit" }), [
    `Option 'queue' names an exchange trigger's own queue; rpc(…) takes its queue's name first; ` +
    `write: rpc("name", handler)`,
  ]);
});

Deno.test("The option 'queue' cannot be combined with 'exclusive'", () => {
  assert.deepEqual(onFanout({ queue: "audit", exclusive: true }), [
    "Option 'exclusive' asks for a queue the broker names, and 'queue' names one; remove one of the two",
  ]);
});

Deno.test("The name in the option 'queue' is checked like other names", () => {
  assert.deepEqual(onFanout({ queue: "amq.audit" }), [
    "The name 'amq.audit' begins with 'amq.', which brokers keep for themselves; choose another name",
  ]);
  assert.deepEqual(onFanout({ queue: "x".repeat(256) }), [
    "The queue's name is longer than AMQP's 255 bytes; shorten it",
  ]);
});

Deno.test("A queue's arguments must be values that AMQP can hold and no option sets", () => {
  assert.deepEqual(
    onQueue({ arguments: { "x-max-length": 10, "x-overflow": "drop-head", "x-lazy": true } }),
    [],
  );
  assert.deepEqual(onQueue({ arguments: { "x-queue-type": "quorum" } }), [
    `Argument 'x-queue-type' is set by the option 'queueType'; write: queueType: "quorum"`,
  ]);
  assert.deepEqual(onQueue({ arguments: { "x-queue-type": "stream" } }), [
    `Argument 'x-queue-type' is set by the option 'queueType'; write: queueType: "stream"`,
  ]);
  assert.deepEqual(onQueue({ arguments: { a: null, b: NaN, c: 5n, d: [1] } }), [
    "Argument 'a' is null; give it a string, a number or a boolean",
    "Argument 'b' is NaN; give it a string, a number or a boolean",
    "Argument 'c' is 5n; give it a string, a number or a boolean",
    "Argument 'd' is [1]; give it a string, a number or a boolean",
  ]);
});

Deno.test("The highest priority is a number that a classic queue can have, and is written once", () => {
  assert.deepEqual(onQueue({ maxPriority: 10 }), []);
  assert.deepEqual(onRpc({ maxPriority: 255 }), []);
  for (const maxPriority of [0, 256, 1.5]) {
    assert.deepEqual(onQueue({ maxPriority }), [
      `Option 'maxPriority': expected a whole number from 1 to 255, got ${maxPriority}; for example: maxPriority: 10`,
    ]);
  }
  assert.deepEqual(onQueue({ maxPriority: 5, arguments: { "x-max-priority": 5 } }), [
    "Option 'maxPriority' and the argument 'x-max-priority' say the same; remove the argument",
  ]);
  const onQuorum = [
    "A quorum queue has no 'maxPriority': RabbitMQ 4 gives it priorities without being asked, and 3.10 has none; " +
    `remove 'maxPriority', or 'queueType: "quorum"'`,
  ];
  assert.deepEqual(onQueue({ maxPriority: 5, queueType: "quorum" }), onQuorum);
  assert.deepEqual(onQueue({ arguments: { "x-max-priority": 5 }, queueType: "quorum" }), onQuorum);
});

Deno.test("The option 'exchange' accepts the trigger's own type or a plugin's, and arguments that AMQP can hold", () => {
  assert.deepEqual(
    onFanout({ exchange: { durable: false, autoDelete: true, internal: true, arguments: { "x-a": 1 } } }),
    [],
  );
  assert.deepEqual(onFanout({ exchange: { type: "fanout" } }), []);
  assert.deepEqual(onFanout({ exchange: { type: "x-recent-history" } }), []);
  assert.deepEqual(onFanout({ exchange: { type: "topic" } }), [
    `Option 'exchange.type' is "topic" for a fanout trigger; use the trigger of that type, topic(…), ` +
    `or a plugin's type, as "x-delayed-message"`,
  ]);
  assert.deepEqual(onFanout({ exchange: { type: "fanuot" } }), [
    `Option 'exchange.type': expected "direct", "fanout", "topic", "headers" or a plugin's, such as "x-delayed-message", ` +
    `got "fanuot"; for example: exchange: { arguments: { "alternate-exchange": "unheard" } }`,
  ]);
  assert.deepEqual(onFanout({ exchange: { name: "logs" } as Options["exchange"] }), [
    "Unknown option 'exchange.name'; the exchange's name is what the trigger takes first",
  ]);
  assert.deepEqual(onFanout({ exchange: { arguments: { "alternate-exchange": null } } }), [
    "Argument 'alternate-exchange' is null; give it a string, a number or a boolean",
  ]);
  assert.deepEqual(onQueue({ exchange: { durable: true } }), [
    "Option 'exchange' says how an exchange trigger's own is declared; queue(…) has none; remove 'exchange'",
  ]);
});

Deno.test("The option 'emits' accepts names and types that a broker can know", () => {
  assert.deepEqual(
    onQueue({ emits: { orders: "topic", "amq.topic": "topic", late: "x-delayed-message" } }),
    [],
  );
  assert.deepEqual(
    onQueue({ emits: { orders: { type: "fanout", arguments: { "alternate-exchange": "x" } } } }),
    [],
  );
  assert.deepEqual(onQueue({ emits: { orders: "topics" } }), [
    `Option 'emits.orders': expected "direct", "fanout", "topic", "headers" or a plugin's, such as "x-delayed-message", ` +
    `got "topics"; for example: emits: { orders: "topic" }`,
  ]);
  assert.match(
    onQueue({ emits: { orders: { type: "topics" } } })[0]!,
    /^Option 'emits\.orders\.type': expected "direct"/,
  );
  assert.match(
    onQueue({ emits: { orders: { type: "topic", durabel: true } as never } })[0]!,
    /^Unknown option 'emits\.orders\.durabel'; did you mean 'durable'\?/,
  );
  assert.match(
    onQueue({ emits: ["orders"] as never })[0]!,
    /^Option 'emits': expected an object, got \["orders"\]/,
  );
  assert.match(onQueue({ emits: { ["x".repeat(256)]: "topic" } })[0]!, /^The exchange's name is longer than/);
  assert.match(onQueue({ emits: { "": "topic" } })[0]!, /^The exchange's name is empty; write: emits: {/);
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`e${i}`, "topic"]));
  assert.match(onQueue({ emits: many })[0]!, /^Option 'emits': expected at most 100 exchanges/);
});

Deno.test("An entry in 'exchanges' that is not an exchange of the trigger is reported", () => {
  const onTwo = (exchanges: Record<string, unknown>) =>
    problems(topic([["orders", "#"], ["billing", "#"]], { exchanges: exchanges as never }, handler))
      .map(({ message, fix }) => `${message}; ${fix}`);
  assert.deepEqual(onTwo({ billing: { durable: false } }), []);
  assert.deepEqual(onTwo({ biling: { durable: false } }), [
    "Option 'exchanges' names 'biling', which is no exchange of the trigger; did you mean 'billing'?; " +
    "name one of: orders, billing",
  ]);
  assert.deepEqual(onTwo({ billing: { type: "fanout" } }), [
    `Option 'exchanges.billing.type' is "fanout" for a topic trigger; ` +
    `use the trigger of that type, fanout(…), or a plugin's type, as "x-delayed-message"`,
  ]);
  assert.match(onTwo({ billing: { durabel: false } })[0]!, /^Unknown option 'exchanges\.billing\.durabel'/);
  assert.deepEqual(onQueue({ exchanges: { orders: {} } }), [
    "Option 'exchanges' names 'orders', which is no exchange of the trigger; remove 'exchanges'",
  ]);
});

Deno.test("The option 'setup' must be a function, and must end with a run within the broker's consumer timeout", () => {
  const setup = () => ({});
  assert.deepEqual(onQueue({ setup }), []);
  assert.match(
    onQueue({ setup: {} as never })[0]!,
    /^Option 'setup': expected a function, got {}; for example: /,
  );
  assert.match(
    onQueue({ setup, setupTimeout: "20m", timeout: "20m" })[0]!,
    /^Option 'setupTimeout' of 1200000 ms and 'timeout' of 1200000 ms are together not within the broker's own/,
  );
  assert.deepEqual(onQueue({ setupTimeout: "20m", timeout: "20m" }), []);
});

Deno.test("The option 'declare: \"passive\"' cannot be combined with 'exclusive'", () => {
  assert.deepEqual(onFanout({ declare: "passive" }), []);
  assert.deepEqual(onFanout({ declare: "passive", exclusive: true }), [
    `Option 'declare: "passive"' checks a queue of others', and 'exclusive' asks for one of its own; ` +
    "remove one of the two",
  ]);
  assert.deepEqual(onQueue({ declare: false as never }), [
    `Option 'declare': expected one of true|"passive", got false; for example: declare: "passive"`,
  ]);
});

Deno.test("All problems with settings are reported together", () => {
  const found = problems(topic("logs", "#", {
    ack: "none",
    retry: { attempts: 2 },
    queueType: "quorum",
    durable: false,
    exclusive: true,
    queue: "audit",
  }, handler));
  assert.equal(found.length, 4);
});
