import { parseDuration } from "../api/duration.ts";

/** When a schedule is due. Times are milliseconds since the epoch. */
export interface Recurrence {
  /** Equal text for equal recurrences. */
  readonly text: string;
  /** The first time after `after`; `undefined` if there is none. */
  next(after: number): number | undefined;
  /** The latest times after `after` and not after `until`, the oldest first, at most `count`. */
  latest(count: number, after: number, until: number): readonly number[];
}

/** What is wrong with a schedule's expression, and what to write instead. */
export interface RecurrenceFault {
  readonly message: string;
  readonly fix: string;
}

/** Reads a schedule's expression: a cron line in a time zone, or `every 5m`. */
export type ReadRecurrence = (expression: string, timezone: string) => Recurrence | RecurrenceFault;

/** How to write a schedule, for messages. */
export const scheduleForm = 'write: schedule("0 3 * * *", handler), or schedule("every 5m", handler)';

const least = 100;

/** Whether an expression is meant as an interval, such as `every 5m`. */
export function isInterval(expression: string): boolean {
  return /^\s*every\b/i.test(expression);
}

/** Reads `every 5m`. Its times are the whole multiples of the interval since 1970, the same for every reader. */
export function readInterval(expression: string): Recurrence | RecurrenceFault {
  const ms = parseDuration(expression.trim().replace(/^every\s*/i, "").replace(/^(\S+)\s+(\S+)$/, "$1$2"));
  if (ms === undefined) {
    return {
      message: `'${expression}' is not an interval`,
      fix: 'write it like "every 30s", "every 5m" or "every 1h"',
    };
  }
  if (ms < least) {
    return {
      message: `'${expression}' is more often than every ${least} ms, the shortest interval`,
      fix: 'write a longer one, such as "every 1s"',
    };
  }
  const first = (after: number) => Math.floor(after / ms) * ms + ms;
  return {
    text: `every ${ms} ms`,
    next: first,
    latest(count, after, until) {
      const last = Math.floor(until / ms) * ms;
      const begin = Math.max(first(after), last - (count - 1) * ms);
      const times = Math.max(0, Math.round((last - begin) / ms) + 1);
      return Array.from({ length: times }, (_, i) => begin + i * ms);
    },
  };
}
