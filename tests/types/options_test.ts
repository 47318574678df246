/** The public types and the schemas that check the same values agree. */

import assert from "node:assert/strict";
import { z } from "zod";
import type { Config, Options, Override } from "hopper";
import {
  configSchema,
  knownSettings,
  optionsSchema,
  overrideSchema,
} from "../../runtime/core/settings/settings.ts";

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
  arguments: true,
  declare: true,
  exchange: true,
  exchanges: true,
  retry: true,
  deadLetter: true,
  pause: true,
  dedupe: true,
  timeout: true,
  setupTimeout: true,
  instances: true,
  idle: true,
  memory: true,
  permissions: true,
} as const;

const optionKeys: Required<Keys<Options>> = {
  ...settingKeys,
  queue: true,
  codec: true,
  input: true,
  output: true,
  publish: true,
  emits: true,
  setup: true,
  onExhausted: true,
};
const overrideKeys: Required<Keys<Override>> = {
  ...settingKeys,
  consumerTimeout: true,
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

Deno.test("Retry, permissions and exchanges have the same keys in their types and in the schema", () => {
  same(exchangeKeys, knownSettings(["exchange"], "file"));
  same(exchangeKeys, knownSettings(["exchanges", "billing"], "file"));
  same(emittedKeys, knownSettings(["emits", "orders"], "file"));
  same(retryKeys, knownSettings(["retry"], "file"));
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
      arguments: { "x-max-length": 1, "x-overflow": "drop-head", "x-single-active-consumer": true },
      declare: true,
      exchange: { type: "x-delayed-message", arguments: { "x-delayed-type": "topic" } },
      exchanges: { billing: { durable: false } },
      retry: false,
      deadLetter: true,
      pause: { failures: 15, of: 20, within: "1m", probe: "1s", most: "1m" },
      dedupe: { for: "10m", store: "disk" },
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
      setup: ({ env }) => Promise.resolve({ env }),
      onExhausted: ({ id }, error, { log }) => log(error.message, { id }),
    },
    {
      ack: "manual",
      prefetch: 65_535,
      concurrency: 65_535,
      durable: false,
      exclusive: false,
      queueType: "quorum",
      from: new Date(),
      arguments: {},
      declare: "passive",
      exchange: { durable: false, autoDelete: true, internal: true },
      exchanges: {},
      retry: { attempts: 100, delay: "2d", factor: 1.5, max: 0, jitter: 1 },
      deadLetter: false,
      pause: false,
      dedupe: false,
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
