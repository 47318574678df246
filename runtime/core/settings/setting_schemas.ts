import * as z from "zod";
import { expectedEntry, isPermissionEntry, type PermissionKind } from "../permissions/permission_entries.ts";
import { batchSchema } from "./batch_settings.ts";
import { dedupeSchema } from "./dedupe_settings.ts";
import { duration } from "./duration_setting.ts";
import { emitsSchema, exchangeSchema, exchangesSchema } from "./exchange_settings.ts";
import { filterSchema, fromSchema } from "./stream_settings.ts";
import { maxPrioritySchema } from "./priority_settings.ts";
import { useSchema } from "./use_settings.ts";
import { orderSchema } from "./shard_settings.ts";
import { debounceSchema, throttleSchema } from "./latest_settings.ts";
import { rateSchema } from "./rate_settings.ts";
import { maxPrefetch } from "./max_prefetch.ts";
import { whole } from "./whole_setting.ts";
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

const name = z.string().min(1, "Expected a name");

/** How a failed message is tried again. */
export const retrySchema = z.strictObject({
  attempts: whole(100).default(5),
  delay: duration(0).default(1000),
  factor: number(1, 100).default(4),
  max: duration(0).default(600_000),
  jitter: number(0, 1).default(0.2),
});

/** When a function pauses. */
export const pauseSchema = z.strictObject({
  failures: whole(1000).default(15),
  of: whole(1000).default(20),
  within: duration(1).default(60_000),
  probe: duration(1).default(1000),
  most: duration(1).default(60_000),
});

/** The settings that a file and an operator may write: their defaults, checks and documentation. Durations are converted to milliseconds. */
export const settings = {
  ack: z.enum(["auto", "manual", "none"]).default("auto")
    .describe(
      "who acknowledges: `auto`: the runtime, when the run has ended; `manual`: the handler; `none`: nobody, a no-ack consumer",
    ),
  prefetch: whole(maxPrefetch).default(20).describe(
    "how many unacknowledged messages the broker sends at most; with `batch` it is raised to what the batches need",
  ),
  concurrency: whole(maxPrefetch).optional().describe(
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
  filter: filterSchema.optional().describe(
    "only the messages of a stream whose header `x-stream-filter-value` is this text, or one of these",
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

/** The settings that only a file may write. */
export const fileOnly = {
  order: orderSchema.optional().describe(
    "`{ by, shards }`: messages with the same key `by` are handled one after the other, in all runtimes together",
  ),
  debounce: debounceSchema.optional().describe(
    "`{ key, wait, most, shards }`: of the messages with the same key only the latest is run, once none has come for the " +
      "time `wait`, but no later than `most` after the first",
  ),
  throttle: throttleSchema.optional().describe(
    "`{ key, per, shards }`: of the messages with the same key one is run within the time `per`, and then the latest",
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

/** The settings that only an operator may write. */
export const operatorOnly = {
  enabled: z.boolean().default(true).describe("whether the function is served"),
  consumerTimeout: duration(1).default(1_800_000)
    .describe(
      "the broker's `consumer_timeout`: how long a message may be unacknowledged; runs end before it",
    ),
  isolate: z.enum(["process", "inline"]).default("process").describe(
    "where the handler runs: `process`: in the function's own process; `inline`: in the runtime, without isolation",
  ),
};
