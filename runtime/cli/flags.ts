import { type Duration, durationForm, parseDuration } from "../core/duration.ts";
import { UsageError } from "./exit.ts";

/** Reads a duration flag: `5s`, `250ms`, or milliseconds. */
export function durationFlag(text: string): Duration {
  const value = /^\d+$/.test(text) ? Number(text) : text as Duration;
  if (parseDuration(value) === undefined) {
    throw new UsageError(`'${text}' is no duration; expected ${durationForm}`);
  }
  return value;
}

/** Reads a port flag: 0 to 65535. */
export function portFlag(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new UsageError(`'${text}' is no port; expected 0 to 65535`);
  }
  return port;
}
