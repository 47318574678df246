import * as z from "zod";
import { duration } from "./duration_setting.ts";
import { keySchema } from "./key_settings.ts";
import { shardsSchema } from "./shards_setting.ts";

/** That of the messages of one key only the latest is run. Times are milliseconds. */
export type Latest =
  /** Once no other has come for `ms`, but no later than `most` after the first that was not run. */
  | { readonly kind: "debounce"; readonly ms: number; readonly most: number }
  /** At once, and then at most once within `ms`. */
  | { readonly kind: "throttle"; readonly ms: number };

/** The setting `debounce`. */
export const debounceSchema = z.strictObject({
  key: keySchema,
  wait: duration(1),
  most: duration(1).optional(),
  shards: shardsSchema,
});

/** The setting `throttle`. */
export const throttleSchema = z.strictObject({ key: keySchema, per: duration(1), shards: shardsSchema });

/** `the latest, after 500 ms of quiet`, as people read it. */
export function describeLatest(latest: Latest): string {
  if (latest.kind === "throttle") return `the latest, once in ${latest.ms} ms`;
  const most = latest.most === Infinity ? "" : `, or ${latest.most} ms in all`;
  return `the latest, after ${latest.ms} ms of quiet${most}`;
}

// Each key that is active at a time needs one message of the prefetch.
const leastPrefetch = 250;

/** How many unacknowledged messages of each shard are fetched, so that the latest of many keys can wait. */
export function prefetchForLatest(prefetch: number): number {
  return Math.max(prefetch, leastPrefetch);
}
