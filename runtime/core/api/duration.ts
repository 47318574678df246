import { ArgumentError } from "./errors.ts";
import { shown } from "../text/shown.ts";

/** A length of time: a whole number of milliseconds, or text such as `"250ms"`, `"30s"`, `"5m"`, `"1h"` or `"2d"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How to write a duration, for error messages. */
export const durationForm: string = `milliseconds as a whole number, or "250ms", "30s", "5m", "1h", "2d"`;

/** A duration in milliseconds, or `undefined` if `value` is not a duration. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Math.round(Number(amount) * units[unit]!);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** The longest time a timer can wait, in milliseconds. With more it would fire at once. */
export const maxWait: number = 2 ** 31 - 1;

/** A caller's duration in milliseconds. Throws an `ArgumentError` that shows how to write one. */
export function toMilliseconds(value: Duration, what: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) {
    throw new ArgumentError(`${what}: expected ${durationForm}, got ${shown(value)}`);
  }
  if (ms > maxWait) throw new ArgumentError(`${what}: expected less than 25 days, got ${shown(value)}`);
  return ms;
}
