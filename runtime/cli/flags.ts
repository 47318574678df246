import { InvalidArgumentError } from "commander";
import { type Duration, durationForm, parseDuration } from "../core/api/duration.ts";
import { UsageError } from "./exit.ts";

/** Parses a duration flag: `5s`, `250ms`, or milliseconds. */
export function durationFlag(text: string): Duration {
  const value = /^\d+$/.test(text) ? Number(text) : text as Duration;
  if (parseDuration(value) === undefined) {
    throw new UsageError(`'${text}' is not a duration; expected ${durationForm}`);
  }
  return value;
}

/** Parses a port flag: 0 to 65535. */
export function portFlag(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new UsageError(`'${text}' is not a port; expected 0 to 65535`);
  }
  return port;
}

/** Parses a size flag such as `512MB` or `2GB`; the result is in bytes. */
export function sizeFlag(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})(MB|GB)$/.exec(text) ?? [];
  if (count === undefined) {
    throw new UsageError(`'${text}' is not a size; expected megabytes or gigabytes, such as 512MB or 2GB`);
  }
  return Number(count) * (unit === "GB" ? 2 ** 30 : 2 ** 20);
}

/** Parses a whole number from 1. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1");
  return Number(text);
}

/** Adds the value of a flag that may be repeated to those before it. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
