import type { Rate } from "../../core/settings/rate_settings.ts";

/** A bucket of tokens, which fills with time up to the rate's `burst`. */
export interface Bucket {
  readonly tokens: number;
  /** When it had so many: a time of `performance.now()`. */
  readonly at: number;
}

type Fill = Pick<Rate, "limit" | "per" | "burst">;

// Many small additions do not make exactly 1.
const whole = 1 - 1e-9;

/** The bucket at a later time. */
export function filled({ tokens, at }: Bucket, { limit, per, burst }: Fill, now: number): Bucket {
  return { tokens: Math.min(burst, tokens + Math.max(0, now - at) * limit / per), at: Math.max(at, now) };
}

/** Whether there is a token. */
export function hasToken({ tokens }: Bucket): boolean {
  return tokens >= whole;
}

/** The bucket with a token less, or with one more (`change`). */
export function changed({ tokens, at }: Bucket, change: 1 | -1, { burst }: Fill): Bucket {
  return { tokens: Math.min(burst, Math.max(0, tokens + change)), at };
}

/** Milliseconds until there is a token. */
export function msUntilToken({ tokens }: Bucket, { limit, per }: Fill): number {
  return Math.max(0, (1 - tokens) * per / limit);
}
