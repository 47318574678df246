import * as z from "zod";
import { durationForm, maxWait, parseDuration } from "../api/duration.ts";
import { expectedEntry, isPermissionEntry, type PermissionKind } from "../permissions/permission_entries.ts";
import { emitsSchema, emittedSchema, exchangeSchema } from "./exchange_settings.ts";
import type { StandardSchema } from "../api/schema.ts";

const duration = (least: 0 | 1) =>
  z.custom<number | string>((value) => {
    const ms = parseDuration(value);
    return ms !== undefined && ms >= least && ms <= maxWait;
  }, `Expected ${durationForm}; ${least === 0 ? "" : "more than 0 and "}less than 25 days`)
    .transform((value) => parseDuration(value)!);

const entries = (kind: PermissionKind) =>
  z.array(z.string().refine((entry) => isPermissionEntry(kind, entry), expectedEntry[kind])).max(
    100,
    "Expected at most 100 entries",
  );

const grant = (kind: PermissionKind) =>
  z.union([z.boolean(), entries(kind)], "Expected true, false or a list of strings");

function number(least: number, most: number) {
  const expected = `Expected a number from ${least} to ${most}`;
  return z.number(expected).min(least, expected).max(most, expected);
}

function whole(most: number) {
  const expected = `Expected a whole number from 1 to ${most}`;
  return z.int(expected).min(1, expected).max(most, expected);
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

const dedupeSchema = z.strictObject({
  for: duration(1),
  store: z.enum(["memory", "disk"]).default("memory"),
});

/** One entry a setting: its default, its check and its documentation. Durations come out as milliseconds. */
const settings = {
  ack: z.enum(["auto", "manual", "none"]).default("auto")
    .describe("settled by the outcome; `manual`: by the handler; `none`: a no-ack consumer"),
  prefetch: whole(65_535).default(20).describe("unacknowledged messages the broker may push"),
  concurrency: whole(65_535).optional().describe(
    "handlers at once (default: the prefetch); 1 keeps order",
  ),
  durable: z.boolean().default(true).describe("queue and exchange survive the broker"),
  exclusive: z.boolean().default(false)
    .describe("a queue of this instance alone; an exchange trigger's is server-named"),
  queueType: z.enum(["classic", "quorum"]).default("classic").describe(
    "`quorum`, replicated with its retries and dead letters, needs `durable`",
  ),
  arguments: z.record(z.string(), z.unknown(), "Expected an object").default({}).describe(
    "further x-arguments of the function's queue",
  ),
  declare: z.literal([true, "passive"]).default(true).describe(
    "`passive`: what others own is checked to be there, retry and dead queues too, and nothing declared or bound",
  ),
  exchange: exchangeSchema.optional().describe(
    "`{ type, durable, autoDelete, internal, arguments }` of the trigger's exchange, where it is no plain one",
  ),
  retry: z.union([z.literal(false), retrySchema], "Expected false or an object, as { attempts: 3 }").prefault(
    {},
  ).describe(
    "how a failed message is tried again",
  ),
  deadLetter: z.boolean().default(true).describe(
    "a message that failed for good moves to `<queue>.dead`; `false`: it is rejected to the broker, whose own " +
      "dead-lettering decides",
  ),
  pause: z.union(
    [z.literal(false), pauseSchema],
    "Expected false or an object, as { failures: 15, of: 20 }",
  ).prefault({}).describe(
    "when `failures` of the last `of` runs `within` a time failed, none is run and one probed at growing intervals",
  ),
  dedupe: z.union([z.literal(false), dedupeSchema], 'Expected false or an object, as { for: "10m" }').default(
    false,
  )
    .describe(
      'a message id that was handled is not run again `for` a time; with `store: "disk"` across restarts',
    ),
  timeout: duration(1).default(30_000).describe("how long a run may take"),
  instances: whole(1024).default(1).describe("processes for one function"),
  idle: duration(1).default(300_000).describe("a process without work for this long is stopped"),
  memory: z.string().regex(/^[1-9]\d*(MB|GB)$/, 'Expected megabytes or gigabytes, as "128MB"').default(
    "128MB",
  )
    .describe("heap of a process, which may have as much again beside it"),
  permissions: z.strictObject({
    net: grant("net").optional(),
    env: entries("env").optional(),
    read: grant("read").optional(),
    write: grant("write").optional(),
    run: grant("run").optional(),
    ffi: grant("ffi").optional(),
    sys: grant("sys").optional(),
  }).default({}).describe(
    "what the function's process may do: in the file what it asks for, in deploy.config.ts the most it may ask for",
  ),
};

const standardSchema = z.custom<StandardSchema>(
  (value) => typeof (value as Partial<StandardSchema> | null)?.["~standard"]?.validate === "function",
  "Expected a Standard Schema, such as one of zod, valibot or arktype",
);

const fileOnly = {
  queue: name.optional().describe("name of an exchange trigger's own queue"),
  codec: z.enum(["json", "text", "bytes"]).optional().describe(
    "how the body is read, whatever its content type",
  ),
  input: standardSchema.optional().describe("checks the decoded body"),
  output: standardSchema.optional().describe("checks what the handler returns"),
  publish: z.union([
    z.strictObject({ queue: name }),
    z.strictObject({ exchange: name, routingKey: z.string().default("") }),
  ], "Expected either { queue } or { exchange, routingKey }").optional().describe(
    "where the return value is published",
  ),
  emits: emitsSchema.optional().describe(
    'exchanges it publishes to, as `{ orders: "topic" }`: declared at its start; what no queue takes there is no error',
  ),
};

const operatorOnly = {
  enabled: z.boolean().default(true).describe("whether the function is served"),
  consumerTimeout: duration(1).default(1_800_000)
    .describe("the broker's own limit on an unacknowledged message (`consumer_timeout`); runs end before it"),
  isolate: z.enum(["process", "inline"]).default("process").describe("where the handler runs"),
};

/** Every setting with its defaults filled in. */
const resolvedSchema = z.strictObject({ ...settings, ...fileOnly, ...operatorOnly });

type Shape = Record<string, z.ZodType>;

// A layer says only some of the settings, and says nothing of the rest: without their defaults.
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

/** What a function file's options may say. */
export const optionsSchema = layer({ ...settings, ...fileOnly });

/** What `defaults` and `functions[…]` of deploy.config.ts may say. */
export const overrideSchema = layer({ ...settings, ...operatorOnly });

/** A function's settings once every layer has spoken; durations in milliseconds. */
export type Resolved = z.output<typeof resolvedSchema> & { readonly concurrency: number };

/** Where a function's handler runs. */
export type Isolate = Resolved["isolate"];

/** One layer of settings, already checked, as its author wrote it. */
export type Layer = Readonly<Record<string, unknown>>;

// Of these a layer may say a part, and the rest stays as the layers below say.
const byField = new Set(["retry", "pause"]);

/**
 * Puts the layers on top of one another, the later winning setting by setting (`retry` and `pause` field by field), and
 * fills in what none of them says.
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
  return {
    ...resolved,
    retry: unacknowledged ? false : resolved.retry,
    deadLetter: unacknowledged ? false : resolved.deadLetter,
    concurrency: resolved.concurrency ?? resolved.prefetch,
  };
}

/** What a layer says: a key that is `undefined` says nothing. */
export function said(layer: Layer): Layer {
  return Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined));
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The content of deploy.config.ts. */
export const configSchema = z.strictObject({
  broker: z.union(
    [z.string(), z.array(z.string()).min(1, "Expected at least one URL")],
    "Expected a URL or a list of URLs",
  ).optional(),
  defaults: overrideSchema.optional(),
  functions: z.record(z.string(), overrideSchema, "Expected an object").optional(),
});

/** A setting's line in the documentation. */
export interface SettingDoc {
  readonly name: string;
  readonly description: string;
  readonly default: unknown;
  readonly saidBy: "file and operator" | "file" | "operator";
}

/** What the documentation says of each setting, read off the same schema that checks them. */
export function describeSettings(): SettingDoc[] {
  const defaults = resolve({}) as Record<string, unknown>;
  return Object.entries(resolvedSchema.shape).map(([name, schema]) => ({
    name,
    description: schema.description ?? "",
    default: name === "concurrency" ? undefined : defaults[name],
    saidBy: name in fileOnly ? "file" : name in operatorOnly ? "operator" : "file and operator",
  }));
}

/** The names that a settings object may hold at a path, for "did you mean". */
export function knownSettings(path: readonly string[], where: "file" | "operator"): readonly string[] {
  if (path.length === 0) return Object.keys({ ...settings, ...(where === "file" ? fileOnly : operatorOnly) });
  if (path.length === 1 && path[0] === "retry") return Object.keys(retrySchema.shape);
  if (path.length === 1 && path[0] === "pause") return Object.keys(pauseSchema.shape);
  if (path.length === 1 && path[0] === "dedupe") return Object.keys(dedupeSchema.shape);
  if (path.length === 1 && path[0] === "permissions") return Object.keys(settings.permissions.unwrap().shape);
  if (path.length === 1 && path[0] === "exchange") return Object.keys(exchangeSchema.shape);
  if (path.length === 2 && path[0] === "emits") return Object.keys(emittedSchema.shape);
  if (path.length === 1 && path[0] === "publish") return ["exchange", "routingKey", "queue"];
  return [];
}
