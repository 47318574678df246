import * as z from "zod";
import { whole } from "./whole_setting.ts";

/** Where a message's key is: a path in its decoded body, a header, or what a function of the file says. */
export type KeySource =
  | { readonly kind: "body"; readonly path: readonly string[] }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "function" };

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
}

const max = { limit: 1000, shards: 64, path: 200 };

const path = z.string().regex(
  /^[^.\s]+(\.[^.\s]+)*$/,
  'Expected the name of a field, such as "customerId" or "customer.id"',
).max(max.path, `Expected at most ${max.path} characters`);

const key = z.union([
  path,
  z.strictObject({ header: z.string().min(1, "Expected a header's name") }),
  z.custom<(...args: never[]) => unknown>((value) => typeof value === "function"),
], 'Expected a field such as "customerId", { header: "x-tenant" }, or a function');

type Key = z.output<typeof key>;

/** The setting `order`. */
export const orderSchema = z.strictObject({ by: key, shards: whole(max.shards).default(8) });

/** The setting `concurrency` as an object. */
export const keyedSchema = z.strictObject({
  limit: whole(max.limit),
  key,
  shards: whole(max.shards).default(8),
  scope: z.enum(["process", "cluster"], 'Expected "process" or "cluster"').default("process"),
});

/** How messages are spread, by these two settings; `undefined` if they are not. */
export function shardingOf(
  order: z.output<typeof orderSchema> | undefined,
  keyed: z.output<typeof keyedSchema> | undefined,
): Sharding | undefined {
  if (order !== undefined) {
    return { by: sourceOf(order.by), limit: 1, shards: order.shards, inOrder: true, alone: true };
  }
  if (keyed === undefined) return undefined;
  const { limit, shards, scope } = keyed;
  return { by: sourceOf(keyed.key), limit, shards, inOrder: false, alone: scope === "cluster" };
}

function sourceOf(key: Key): KeySource {
  if (typeof key === "string") return { kind: "body", path: key.split(".") };
  return "header" in key ? { kind: "header", name: key.header } : { kind: "function" };
}

/** `in order, 8 shards` or `2 at once`, each by its key, as people read it. */
export function describeSharding({ by, limit, shards, inOrder, alone }: Sharding): string {
  const how = inOrder ? "in order" : `${limit} at once${alone ? ", all runtimes together" : ""}`;
  return `${describeKey(by)}: ${how}, ${shards} shards`;
}

/** A key as people read it: `customerId`, `header x-tenant`, `a function`. */
export function describeKey(by: KeySource): string {
  if (by.kind === "body") return by.path.join(".");
  return by.kind === "header" ? `header ${by.name}` : "a function";
}
