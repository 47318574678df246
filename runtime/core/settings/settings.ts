import * as z from "zod";
import { expectedEntry, isPermissionEntry, type PermissionKind } from "../permissions/permission_entries.ts";
import { batchSchema, prefetchForBatches } from "./batch_settings.ts";
import { dedupeSchema } from "./dedupe_settings.ts";
import { duration } from "./duration_setting.ts";
import { emitsSchema, emittedSchema, exchangeSchema, exchangesSchema } from "./exchange_settings.ts";
import { httpSchema } from "./http_settings.ts";
import { fromSchema } from "./stream_settings.ts";
import { maxPrioritySchema } from "./priority_settings.ts";
import { modulesSchema, useSchema } from "./use_settings.ts";
import { keyedSchema, orderSchema, type Sharding, shardingOf } from "./shard_settings.ts";
import { rateFields, rateSchema } from "./rate_settings.ts";
import { scheduleSettings } from "./schedule_settings.ts";
import type { SetupContext } from "../api/context.ts";
import type { StandardSchema } from "../api/schema.ts";

const entries = (kind: PermissionKind) =>
  z.array(z.string().refine((entry) => isPermissionEntry(kind, entry), expectedEntry[kind])).max(
    100,
    "Expected at most 100 entries",
  );

const grant = (kind: PermissionKind) =>
  z.union([z.boolean(), entries(kind)], "Expected true, false or a list of strings");

function number(min: number, max: number) {
  const expected = `Expected a number from ${min} to ${max}`;
  return z.number(expected).min(min, expected).max(max, expected);
}

function whole(max: number) {
  const expected = `Expected a whole number from 1 to ${max}`;
  return z.int(expected).min(1, expected).max(max, expected);
}

const name = z.string().min(1, "Expected a name");

const retrySchema = z.strictObject({
  attempts: whole(100).default(5),
  delay: duration(0).default(1000),
  factor: number(1, 100).default(4),
  max: duration(0).default(600_000),
  jitter: number(0, 1).default(0.2),
});

const pauseSchema = z.strictObject({
  failures: whole(1000).default(15),
  of: whole(1000).default(20),
  within: duration(1).default(60_000),
  probe: duration(1).default(1000),
  most: duration(1).default(60_000),
});

/** Each setting's default, check and documentation. Durations are converted to milliseconds. */
const settings = {
  ack: z.enum(["auto", "manual", "none"]).default("auto")
    .describe(
      "who acknowledges: `auto`: the runtime, when the run has ended; `manual`: the handler; `none`: nobody, a no-ack consumer",
    ),
  prefetch: whole(65_535).default(20).describe(
    "how many unacknowledged messages the broker sends at most; with `batch` it is raised to what the batches need",
  ),
  concurrency: whole(65_535).optional().describe(
    "how many handlers run at the same time (default: the prefetch, with `batch` 1); 1 keeps the queue's order; in the " +
      "file also `{ limit, key, shards, scope }`: how many for each key",
  ),
  durable: z.boolean().default(true).describe("queue and exchange survive a restart of the broker"),
  exclusive: z.boolean().default(false)
    .describe(
      "each instance has its own queue, deleted when it stops; for an exchange trigger the broker chooses its name",
    ),
  queueType: z.enum(["classic", "quorum", "stream"]).default("classic").describe(
    "`quorum`: a replicated queue, also for its retries and dead letters; needs `durable`; `stream`: a log that keeps its " +
      "messages and is read by one replica, only for `queue(…)`",
  ),
  from: fromSchema.optional().describe(
    'where a function begins in a stream when it runs for the first time: `"first"`, `"last"`, `"next"` (default), an ' +
      "offset, or a time; afterwards it goes on where it was",
  ),
  maxPriority: maxPrioritySchema.optional().describe(
    "the highest priority of the function's queue, 1 to 255 and best at most 10: it hands out messages with a higher " +
      "`priority` first",
  ),
  arguments: z.record(z.string(), z.unknown(), "Expected an object").default({}).describe(
    "more x-arguments of the function's queue",
  ),
  declare: z.literal([true, "passive"]).default(true).describe(
    "`passive`: others own the queues and exchanges, also those for retries and dead letters; Hopper checks that they " +
      "exist, and declares and binds nothing",
  ),
  exchange: exchangeSchema.optional().describe(
    "`{ type, durable, autoDelete, internal, arguments }` of the trigger's exchange, if it differs from the default",
  ),
  exchanges: exchangesSchema.optional().describe(
    "the same for single exchanges of a trigger with several, by name, such as `{ billing: { durable: false } }`; what is " +
      "written here wins over `exchange`",
  ),
  retry: z.union([z.literal(false), retrySchema], "Expected false or an object, such as { attempts: 3 }")
    .prefault(
      {},
    ).describe(
      "how a failed message is tried again; `false`: not at all",
    ),
  deadLetter: z.boolean().default(true).describe(
    "a message that failed for good moves to `<queue>.dead`; `false`: it is rejected to the broker, which moves it to " +
      "the queue's own `x-dead-letter-exchange`, or drops it",
  ),
  pause: z.union(
    [z.literal(false), pauseSchema],
    "Expected false or an object, such as { failures: 15, of: 20 }",
  ).prefault({}).describe(
    "the function pauses when `failures` of its last `of` runs failed within the time `within`; then it tries one " +
      "message after `probe`, later after longer waits, `most` at the longest; `false`: it never pauses",
  ),
  dedupe: z.union([z.literal(false), dedupeSchema], 'Expected false or an object, such as { for: "10m" }')
    .default(
      false,
    )
    .describe(
      'for the time `for`, a message whose id was handled already is not run again; with `store: "disk"` also after a ' +
        'restart; with `"redis"` or `"postgres"` by no replica; `env`: the variable with its address, by default ' +
        '`REDIS_URL` or `DATABASE_URL`; `onStoreDown`: while it is away, messages wait in their queue (`"wait"`, the ' +
        'default) or run without being remembered (`"run"`)',
    ),
  rate: z.union(
    [z.literal(false), rateSchema],
    'Expected false or an object, such as { limit: 100, per: "1s" }',
  )
    .default(false)
    .describe(
      "how many runs may begin within the time `per`, and how many at once (`burst`); what is over it waits in the queue; " +
        '`scope: "cluster"`: of all runtimes together',
    ),
  ...scheduleSettings,
  timeout: duration(1).default(30_000).describe("how long a run may take"),
  setupTimeout: duration(1).default(30_000).describe("how long `setup` may take"),
  instances: whole(1024).default(1).describe("how many processes share the function's messages"),
  idle: duration(1).default(300_000).describe("a process is stopped when it had no work for this long"),
  memory: z.string().regex(/^[1-9]\d*(MB|GB)$/, 'Expected megabytes or gigabytes, such as "128MB"').default(
    "128MB",
  )
    .describe("the largest heap of a process; buffers and workers may take as much again"),
  permissions: z.strictObject({
    net: grant("net").optional(),
    env: entries("env").optional(),
    read: grant("read").optional(),
    write: grant("write").optional(),
    run: grant("run").optional(),
    ffi: grant("ffi").optional(),
    sys: grant("sys").optional(),
  }).default({}).describe(
    "what the function's process may do: in the file, what it asks for; in deploy.config.ts, the most it may ask for",
  ),
};

const standardSchema = z.custom<StandardSchema>(
  (value) => typeof (value as Partial<StandardSchema> | null)?.["~standard"]?.validate === "function",
  "Expected a Standard Schema, such as one of zod, valibot or arktype",
);

const isFunction = (value: unknown) => typeof value === "function";
const setup = z.custom<(context: SetupContext) => unknown>(isFunction, "Expected a function");
const onExhausted = z.custom<(...args: never[]) => unknown>(isFunction, "Expected a function");

const fileOnly = {
  order: orderSchema.optional().describe(
    "`{ by, shards }`: messages with the same key `by` are handled one after the other, in all runtimes together",
  ),
  queue: name.optional().describe(
    "the name of the queue of an exchange trigger or a schedule (default: the function's name)",
  ),
  codec: z.enum(["json", "text", "bytes"]).optional().describe(
    "how the body is decoded, whatever its content type",
  ),
  input: standardSchema.optional().describe("checks the decoded body"),
  output: standardSchema.optional().describe("checks what the handler returns"),
  batch: batchSchema.optional().describe(
    '`{ size: 100, wait: "50ms" }`: the handler gets a list of up to `size` messages, gathered for up to `wait`',
  ),
  publish: z.union([
    z.strictObject({ queue: name }),
    z.strictObject({ exchange: name, routingKey: z.string().default("") }),
  ], "Expected either { queue } or { exchange, routingKey }").optional().describe(
    "where the return value is published",
  ),
  emits: emitsSchema.optional().describe(
    'the exchanges it publishes to, such as `{ orders: "topic" }`: they are declared when it starts, and it is no error ' +
      "if no queue takes a message there",
  ),
  use: useSchema.optional().describe(
    "what is done around each run, outermost first: in the file functions `(run, next) => next()`, in deploy.config.ts " +
      "paths of modules, which are outside of the file's",
  ),
  setup: setup.optional().describe(
    "`async ({ env, signal, log }) => state`: runs once in each process before its first message; its result is " +
      "`ctx.state`, and is disposed of when the process stops",
  ),
  onExhausted: onExhausted.optional().describe(
    "`(message, error, ctx) => …`: called once for a message that failed for good, before it moves to the dead letters",
  ),
};

const operatorOnly = {
  enabled: z.boolean().default(true).describe("whether the function is served"),
  consumerTimeout: duration(1).default(1_800_000)
    .describe(
      "the broker's `consumer_timeout`: how long a message may be unacknowledged; runs end before it",
    ),
  isolate: z.enum(["process", "inline"]).default("process").describe(
    "where the handler runs: `process`: in the function's own process; `inline`: in the runtime, without isolation",
  ),
};

// What the operator's `use` is called beside the file's; see `layersOf`.
const middleware = modulesSchema.default([]);

// A key belongs to the function's own messages, so only the file can name it.
const concurrency = z.union(
  [settings.concurrency, keyedSchema],
  'Expected a whole number from 1 to 65535, or an object, such as { limit: 2, key: "customerId" }',
);

/** Every setting with its defaults filled in. */
const resolvedSchema = z.strictObject({
  ...settings,
  ...fileOnly,
  ...operatorOnly,
  middleware,
  concurrency: concurrency.describe(settings.concurrency.description!),
});

type Shape = Record<string, z.ZodType>;

// A layer has only some of the settings. The defaults must not fill in the others.
const layer = (shape: Shape) =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(shape).map(([name, schema]) => [name, withoutDefault(schema).optional()]),
    ),
  );

function withoutDefault(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return withoutDefault(schema.unwrap() as z.ZodType);
  }
  return schema;
}

/** The options in a function's file. */
export const optionsSchema = layer({ ...settings, ...fileOnly, concurrency });

/** `defaults` and each entry of `functions` in deploy.config.ts. */
export const overrideSchema = layer({ ...settings, ...operatorOnly, use: modulesSchema });

/** A function's final settings, from all layers. Durations are in milliseconds. */
export type Resolved = Omit<z.output<typeof resolvedSchema>, "concurrency"> & {
  readonly concurrency: number;
  /** How its messages are spread by key, if `order` or `concurrency` says so. */
  readonly sharding: Sharding | undefined;
};

/** Where a function's handler runs. */
export type Isolate = Resolved["isolate"];

/** One layer of settings as its author wrote it, already checked. */
export type Layer = Readonly<Record<string, unknown>>;

// A layer may give some fields of these. The other fields come from the layers below.
const byField = new Set(["retry", "pause"]);

/**
 * Merges the layers: a later one wins over an earlier one, setting by setting (`retry` and `pause`: field by field).
 * Defaults fill in the rest.
 */
export function resolve(...layers: readonly Layer[]): Resolved {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [name, value] of Object.entries(said(layer))) {
      const below = merged[name];
      merged[name] = byField.has(name) && isFields(below) && isFields(value)
        ? { ...below, ...said(value) }
        : value;
    }
  }
  const resolved = resolvedSchema.parse(merged);
  const unacknowledged = resolved.ack === "none";
  const { batch, prefetch, concurrency: runs, order } = resolved;
  const concurrency = typeof runs === "number" ? runs : batch ? 1 : prefetch;
  return {
    ...resolved,
    sharding: shardingOf(order, typeof runs === "object" ? runs : undefined),
    prefetch: batch ? prefetchForBatches(batch, concurrency, prefetch) : prefetch,
    retry: unacknowledged ? false : resolved.retry,
    deadLetter: unacknowledged ? false : resolved.deadLetter,
    concurrency,
  };
}

/** A layer without the keys that are `undefined`. */
export function said(layer: Layer): Layer {
  return Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined));
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The default export of deploy.config.ts. */
export const configSchema = z.strictObject({
  broker: z.union(
    [z.string(), z.array(z.string()).min(1, "Expected at least one URL")],
    "Expected a URL or a list of URLs",
  ).optional(),
  defaults: overrideSchema.optional(),
  functions: z.record(z.string(), overrideSchema, "Expected an object").optional(),
  keepPayloads: z.literal([true, "failed", false], 'Expected true, "failed" or false').optional(),
  http: httpSchema.optional(),
});

/** A setting's line in the documentation. */
export interface SettingDoc {
  readonly name: string;
  readonly description: string;
  readonly default: unknown;
  readonly saidBy: "file and operator" | "file" | "operator";
}

/** The documentation of each setting, from the same schema that checks them. */
export function describeSettings(): SettingDoc[] {
  const defaults = resolve({}) as Record<string, unknown>;
  return Object.entries({ ...settings, ...fileOnly, ...operatorOnly }).map(([name, schema]) => ({
    name,
    description: schema.description ?? "",
    default: name === "concurrency" ? undefined : defaults[name],
    saidBy: name === "use"
      ? "file and operator"
      : name in fileOnly
      ? "file"
      : name in operatorOnly
      ? "operator"
      : "file and operator",
  }));
}

/** The keys that a settings object may have at a path, for "did you mean". */
export function knownSettings(path: readonly string[], where: "file" | "operator"): readonly string[] {
  if (path.length === 0) {
    return Object.keys({ ...settings, ...(where === "file" ? fileOnly : { ...operatorOnly, use: true }) });
  }
  if (path.length === 1 && path[0] === "retry") return Object.keys(retrySchema.shape);
  if (path.length === 1 && path[0] === "pause") return Object.keys(pauseSchema.shape);
  if (path.length === 1 && path[0] === "dedupe") return Object.keys(dedupeSchema.shape);
  if (path.length === 1 && path[0] === "order") return Object.keys(orderSchema.shape);
  if (path.length === 1 && path[0] === "concurrency") return Object.keys(keyedSchema.shape);
  if (path.length === 1 && path[0] === "batch") return Object.keys(batchSchema.shape);
  if (path.length === 1 && path[0] === "rate") return Object.keys(rateFields.shape);
  if (path.length === 1 && path[0] === "permissions") return Object.keys(settings.permissions.unwrap().shape);
  if (path.length === 1 && path[0] === "exchange") return Object.keys(exchangeSchema.shape);
  if (path.length === 2 && path[0] === "exchanges") return Object.keys(exchangeSchema.shape);
  if (path.length === 2 && path[0] === "emits") return Object.keys(emittedSchema.shape);
  if (path.length === 1 && path[0] === "publish") return ["exchange", "routingKey", "queue"];
  return [];
}
