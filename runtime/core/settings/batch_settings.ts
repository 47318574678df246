import * as z from "zod";
import { durationForm, parseDuration } from "../api/duration.ts";
import { whole } from "./whole_setting.ts";
import { maxPrefetch } from "./max_prefetch.ts";
import { megabytes } from "./memory.ts";

const maxSize = 10_000;
const maxWaitMs = 300_000;

/** The setting `batch`. */
export const batchSchema = z.strictObject({
  size: whole(maxSize),
  wait: z.custom<number | string>((value) => {
    const ms = parseDuration(value);
    return ms !== undefined && ms <= maxWaitMs;
  }, `Expected ${durationForm}; at most 5 minutes`).transform((value) => parseDuration(value)!).default(50),
}, 'Expected an object, such as { size: 100, wait: "50ms" }');

/** A function's final `batch` setting. */
export type BatchPlan = z.output<typeof batchSchema>;

/**
 * How many unacknowledged messages a function with batches needs: those of its running batches, and as many as the next
 * one gathers meanwhile. At least `prefetch`.
 */
export function prefetchForBatches({ size }: BatchPlan, concurrency: number, prefetch: number): number {
  return Math.min(maxPrefetch, Math.max(prefetch, size * (concurrency + 1)));
}

/** What a function's batches are limited by. */
export interface BatchLimits {
  /** The most messages in one. */
  readonly size: number;
  /** How long the first message waits for others, in milliseconds. */
  readonly wait: number;
  /** The most bytes of bodies in one; a larger body is alone in its batch. */
  readonly bytes: number;
  /** How many may run at the same time, in all processes together. */
  readonly atOnce: number;
  /** The number of a message's last run. */
  readonly lastAttempt: number;
}

// Decoded values take several times as much memory as their text.
const shareForBodies = 1024 * 1024 / 8;

/** The final settings that a batch depends on. */
export interface BatchSettings {
  readonly memory: string;
  readonly concurrency: number;
  readonly instances: number;
  readonly retry: false | { readonly attempts: number };
}

/** The limits of a function's batches. */
export function batchLimits(
  { size, wait }: BatchPlan,
  { memory, concurrency, instances, retry }: BatchSettings,
): BatchLimits {
  return {
    size,
    wait,
    bytes: megabytes(memory) * shareForBodies,
    atOnce: concurrency * instances,
    lastAttempt: retry === false ? 1 : retry.attempts,
  };
}
