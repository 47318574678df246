import type { DelayOptions } from "../../core/api/delay_options.ts";
import { durationForm, parseDuration } from "../../core/api/duration.ts";
import { ArgumentError } from "../../core/api/errors.ts";
import { shown } from "../../core/text/shown.ts";
import { maxDelay } from "./waits.ts";

/** When a message shall arrive: so many milliseconds after it was sent, or at a time of `Date.now()`. */
export type Due = { readonly kind: "after"; readonly ms: number } | {
  readonly kind: "at";
  readonly time: number;
};

const longest = "at most 366 days";

/**
 * When a message with these options shall arrive; `undefined` for at once. Throws an `ArgumentError` for what is no time,
 * or for one that is more than a year away from `now`.
 */
export function dueOf({ delay, at, cancel }: DelayOptions, now: number): Due | undefined {
  if (cancel !== undefined && typeof cancel !== "boolean") {
    throw new ArgumentError(`Option 'cancel' is ${shown(cancel)}; expected true or false`);
  }
  if (delay !== undefined && at !== undefined) {
    throw new ArgumentError("Options 'delay' and 'at' both say when the message arrives; write one of them");
  }
  if (delay !== undefined) return { kind: "after", ms: readDelay(delay) };
  if (at !== undefined) return { kind: "at", time: readTime(at, now) };
  if (cancel) {
    throw new ArgumentError(
      "Option 'cancel' goes with 'delay' or 'at': only a message that waits can be cancelled",
    );
  }
}

function readDelay(delay: unknown): number {
  const ms = parseDuration(delay);
  if (ms === undefined) {
    throw new ArgumentError(`Option 'delay' is ${shown(delay)}; expected ${durationForm}, ${longest}`);
  }
  if (ms > maxDelay) throw new ArgumentError(`Option 'delay' is ${shown(delay)}; expected ${longest}`);
  return ms;
}

const example = `a Date, or text with a time zone such as "2027-01-31T09:00:00Z"`;

// Date.parse takes much more than this, and reads what it takes without a zone in that of the machine.
const withZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

function readTime(at: unknown, now: number): number {
  const time = at instanceof Date
    ? at.getTime()
    : typeof at === "string" && withZone.test(at)
    ? Date.parse(at)
    : NaN;
  if (Number.isNaN(time)) {
    const why = typeof at === "string" && !Number.isNaN(Date.parse(at)) ? " without a time zone" : "";
    throw new ArgumentError(`Option 'at' is ${shown(at)}${why}; expected ${example}`);
  }
  if (time - now > maxDelay) {
    throw new ArgumentError(
      `Option 'at' is ${new Date(time).toISOString()}; expected a time that is ${longest} away`,
    );
  }
  return time;
}
