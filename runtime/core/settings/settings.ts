import * as z from "zod";
import { prefetchForBatches } from "./batch_settings.ts";
import { httpSchema } from "./http_settings.ts";
import { modulesSchema } from "./use_settings.ts";
import { keyedSchema, type Sharding, shardingOf } from "./shard_settings.ts";
import { prefetchForLatest } from "./latest_settings.ts";
import { fileOnly, operatorOnly, settings } from "./setting_schemas.ts";

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
  /** How its messages are spread by key, if an option says so. */
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
  const { batch, prefetch, concurrency: runs } = resolved;
  const sharding = shardingOf(resolved);
  const concurrency = typeof runs === "number" ? runs : batch ? 1 : prefetch;
  return {
    ...resolved,
    sharding,
    prefetch: batch
      ? prefetchForBatches(batch, concurrency, prefetch)
      : sharding?.latest
      ? prefetchForLatest(prefetch)
      : prefetch,
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
