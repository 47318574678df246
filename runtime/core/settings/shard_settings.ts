import * as z from "zod";
import { describeKey, keySchema, type KeySource, sourceOf } from "./key_settings.ts";
import { type debounceSchema, describeLatest, type Latest, type throttleSchema } from "./latest_settings.ts";
import { shardsSchema } from "./shards_setting.ts";
import { whole } from "./whole_setting.ts";

/** How a function's messages are spread by key. */
export interface Sharding {
  readonly by: KeySource;
  /** How many runs of one key may be in progress. */
  readonly limit: number;
  readonly shards: number;
  /** Whether messages of one key are handled in their order. */
  readonly inOrder: boolean;
  /** Whether the limit counts for all runtimes together, so that one runtime at a time consumes each shard. */
  readonly alone: boolean;
  /** Which messages of a key are run, if not all of them are. */
  readonly latest?: Latest;
}

const maxLimit = 1000;

/** The setting `order`. */
export const orderSchema = z.strictObject({ by: keySchema, shards: shardsSchema });

/** The setting `concurrency` as an object. */
export const keyedSchema = z.strictObject({
  limit: whole(maxLimit),
  key: keySchema,
  shards: shardsSchema,
  scope: z.enum(["process", "cluster"], 'Expected "process" or "cluster"').default("process"),
});

/** The settings that spread messages by key. A function has at most one of them. */
export interface KeyedSettings {
  readonly order?: z.output<typeof orderSchema> | undefined;
  readonly debounce?: z.output<typeof debounceSchema> | undefined;
  readonly throttle?: z.output<typeof throttleSchema> | undefined;
  readonly concurrency?: number | z.output<typeof keyedSchema> | undefined;
}

/** How messages are spread, by these settings; `undefined` if they are not. */
export function shardingOf({ order, debounce, throttle, concurrency }: KeyedSettings): Sharding | undefined {
  const inOrder = { limit: 1, inOrder: true, alone: true };
  if (order !== undefined) return { by: sourceOf(order.by), shards: order.shards, ...inOrder };
  if (debounce !== undefined) {
    const { key, shards, wait: ms, most = Infinity } = debounce;
    return { by: sourceOf(key), shards, ...inOrder, latest: { kind: "debounce", ms, most } };
  }
  if (throttle !== undefined) {
    const { key, shards, per: ms } = throttle;
    return { by: sourceOf(key), shards, ...inOrder, latest: { kind: "throttle", ms } };
  }
  if (typeof concurrency !== "object") return undefined;
  const { limit, key, shards, scope } = concurrency;
  return { by: sourceOf(key), limit, shards, inOrder: false, alone: scope === "cluster" };
}

/** The name of the option that spreads messages like this. */
export function shardingOption(
  { latest, inOrder }: Sharding,
): "order" | "debounce" | "throttle" | "concurrency.key" {
  return latest?.kind ?? (inOrder ? "order" : "concurrency.key");
}

/** `in order, 8 shards` or `2 at once`, each by its key, as people read it. */
export function describeSharding({ by, limit, shards, inOrder, alone, latest }: Sharding): string {
  const atOnce = `${limit} at once${alone ? ", all runtimes together" : ""}`;
  const how = latest ? describeLatest(latest) : inOrder ? "in order" : atOnce;
  return `${describeKey(by)}: ${how}, ${shards} shards`;
}
