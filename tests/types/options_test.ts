/** The public types and the schemas that check the same values agree. */

import assert from "node:assert/strict";
import { z } from "zod";
import type {
  Batching,
  BatchOptions,
  Config,
  DebounceOptions,
  KeyedConcurrency,
  Options,
  OrderOptions,
  Override,
  RateOptions,
  ThrottleOptions,
} from "hopper";
import { knownSettings } from "../../runtime/core/settings/describe_settings.ts";
import { configSchema, optionsSchema, overrideSchema } from "../../runtime/core/settings/settings.ts";

/** Every key of a type once: the compiler refuses an additional or a missing key. */
type Keys<T> = Record<keyof T, true>;

const settingKeys = {
  ack: true,
  prefetch: true,
  concurrency: true,
  durable: true,
  exclusive: true,
  queueType: true,
  from: true,
  filter: true,
  maxPriority: true,
  arguments: true,
  declare: true,
  timezone: true,
  catchUp: true,
  overlap: true,
  exchange: true,
  exchanges: true,
  retry: true,
  deadLetter: true,
  pause: true,
  dedupe: true,
  rate: true,
  timeout: true,
  setupTimeout: true,
  instances: true,
  idle: true,
  memory: true,
  permissions: true,
} as const;

const optionKeys: Required<Keys<Options & BatchOptions>> = {
  ...settingKeys,
  order: true,
  debounce: true,
  throttle: true,
  queue: true,
  codec: true,
  input: true,
  batch: true,
  output: true,
  publish: true,
  emits: true,
  use: true,
  setup: true,
  onExhausted: true,
};
const overrideKeys: Required<Keys<Override>> = {
  ...settingKeys,
  consumerTimeout: true,
  use: true,
  enabled: true,
  isolate: true,
};
const configKeys: Required<Keys<Config>> = {
  broker: true,
  defaults: true,
  functions: true,
  keepPayloads: true,
  http: true,
};
const retryKeys: Required<Keys<Exclude<NonNullable<Options["retry"]>, false>>> = {
  attempts: true,
  delay: true,
  factor: true,
  max: true,
  jitter: true,
};
const rateKeys: Required<Keys<RateOptions>> = { limit: true, per: true, burst: true, scope: true };
const orderKeys: Required<Keys<OrderOptions<unknown>>> = { by: true, shards: true };
const debounceKeys: Required<Keys<DebounceOptions<unknown>>> = {
  key: true,
  wait: true,
  most: true,
  shards: true,
};
const throttleKeys: Required<Keys<ThrottleOptions<unknown>>> = { key: true, per: true, shards: true };
const keyedKeys: Required<Keys<KeyedConcurrency<unknown>>> = {
  limit: true,
  key: true,
  shards: true,
  scope: true,
};
const permissionKeys: Required<Keys<NonNullable<Options["permissions"]>>> = {
  net: true,
  env: true,
  read: true,
  write: true,
  run: true,
  ffi: true,
  sys: true,
};

const exchangeKeys: Required<Keys<NonNullable<Options["exchange"]>>> = {
  type: true,
  durable: true,
  autoDelete: true,
  internal: true,
  arguments: true,
};
const emittedKeys: Required<Keys<Exclude<NonNullable<Options["emits"]>[string], string>>> = {
  type: true,
  durable: true,
  autoDelete: true,
  arguments: true,
};

const batchKeys: Required<Keys<Batching>> = { size: true, wait: true };

const same = (keys: object, others: readonly string[]) =>
  assert.deepEqual(Object.keys(keys).sort(), [...others].sort());

Deno.test("Options and their schema have the same keys", () => {
  same(optionKeys, Object.keys(optionsSchema.shape));
  same(optionKeys, knownSettings([], "file"));
});

Deno.test("Overrides and their schema have the same keys", () => {
  same(overrideKeys, Object.keys(overrideSchema.shape));
  same(overrideKeys, knownSettings([], "operator"));
});

Deno.test("The config and its schema have the same keys", () => {
  same(configKeys, Object.keys(configSchema.shape));
});

Deno.test("Retry, batches, permissions and exchanges have the same keys in their types and in the schema", () => {
  same(exchangeKeys, knownSettings(["exchange"], "file"));
  same(exchangeKeys, knownSettings(["exchanges", "billing"], "file"));
  same(emittedKeys, knownSettings(["emits", "orders"], "file"));
  same(retryKeys, knownSettings(["retry"], "file"));
  same(rateKeys, knownSettings(["rate"], "file"));
  same(orderKeys, knownSettings(["order"], "file"));
  same(debounceKeys, knownSettings(["debounce"], "file"));
  same(throttleKeys, knownSettings(["throttle"], "file"));
  same(keyedKeys, knownSettings(["concurrency"], "file"));
  same(batchKeys, knownSettings(["batch"], "file"));
  same(permissionKeys, knownSettings(["permissions"], "file"));
});

Deno.test("The schema accepts every value that the types allow", () => {
  const values: Required<Options<{ id: number }, number>>[] = [
    {
      ack: "auto",
      prefetch: 1,
      concurrency: 1,
      durable: true,
      exclusive: true,
      queueType: "classic",
      from: "first",
      filter: ["eu", "us"],
      maxPriority: 10,
      arguments: { "x-max-length": 1, "x-overflow": "drop-head", "x-single-active-consumer": true },
      declare: true,
      timezone: "Europe/Berlin",
      catchUp: "skip",
      overlap: true,
      exchange: { type: "x-delayed-message", arguments: { "x-delayed-type": "topic" } },
      exchanges: { billing: { durable: false } },
      retry: false,
      rate: false,
      deadLetter: true,
      pause: { failures: 15, of: 20, within: "1m", probe: "1s", most: "1m" },
      dedupe: { for: "10m", store: "disk" },
      order: { by: "customer.id", shards: 64 },
      debounce: { key: ({ id }) => id, wait: "2s", most: "1m", shards: 1 },
      throttle: { key: "customer.id", per: 1000, shards: 64 },
      timeout: 1000,
      setupTimeout: "1m",
      instances: 1,
      idle: "250ms",
      memory: "64MB",
      permissions: {},
      queue: "audit",
      codec: "json",
      input: z.object({ id: z.number() }),
      output: z.number(),
      publish: { queue: "results" },
      emits: { orders: "topic" },
      use: [(_run, next) => next()],
      setup: ({ env }) => Promise.resolve({ env }),
      onExhausted: ({ id }, error, { log }) => log(error.message, { id }),
    },
    {
      ack: "manual",
      prefetch: 65_535,
      concurrency: { limit: 2, key: ({ id }) => id, shards: 8, scope: "process" },
      durable: false,
      exclusive: false,
      queueType: "quorum",
      from: new Date(),
      filter: "eu",
      maxPriority: 1,
      arguments: {},
      declare: "passive",
      timezone: "UTC",
      catchUp: "all",
      overlap: false,
      exchange: { durable: false, autoDelete: true, internal: true },
      exchanges: {},
      rate: { limit: 100, per: "1s", burst: 20, scope: "cluster" },
      retry: { attempts: 100, delay: "2d", factor: 1.5, max: 0, jitter: 1 },
      deadLetter: false,
      pause: false,
      dedupe: false,
      order: { by: { header: "x-tenant" } },
      debounce: { key: { header: "x-tenant" }, wait: 5 },
      throttle: { key: { header: "x-tenant" }, per: "1m" },
      timeout: "1h",
      setupTimeout: 1,
      instances: 1024,
      idle: "1d",
      memory: "2GB",
      permissions: {
        net: true,
        env: [],
        read: ["/data"],
        write: false,
        run: true,
        ffi: ["/lib/x.so"],
        sys: [],
      },
      queue: "a",
      codec: "bytes",
      input: z.object({ id: z.number() }),
      output: z.number(),
      publish: { exchange: "results", routingKey: "done" },
      emits: { orders: { type: "x-random", durable: false, autoDelete: true, arguments: { "x-a": 1 } } },
      use: [],
      setup: () => undefined,
      onExhausted: async () => {},
    },
  ];
  for (const options of values) assert.deepEqual(optionsSchema.safeParse(options).error?.issues ?? [], []);
  const publish: Options["publish"] = { exchange: "results" };
  assert.ok(
    optionsSchema.safeParse({
      publish,
      ack: "none",
      codec: "text",
      pause: false,
      dedupe: false,
      timeout: "5m",
    }).success,
  );
});
