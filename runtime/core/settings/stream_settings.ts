import * as z from "zod";

const words = ["first", "last", "next"];

const expected =
  'Expected "first", "last", "next", an offset, or a time such as new Date("2026-11-01") or "2026-11-01T09:00:00Z"';

/** The setting `from`: where a function that has no place in its stream yet begins. A time is kept as ISO text. */
export const fromSchema = z.custom<string | number | Date>((value) => {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0;
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return typeof value === "string" && (words.includes(value) || isTime(value));
}, expected).transform((value) => value instanceof Date ? value.toISOString() : value);

function isTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text));
}

const maxValues = 100;

/** The setting `filter`: the values of messages that a function wants from its stream. Kept as a list. */
export const filterSchema = z.custom<string | readonly string[]>((value) => {
  if (!Array.isArray(value)) return isFilterValue(value);
  return value.length > 0 && value.length <= maxValues && value.every(isFilterValue);
}, `Expected text of 1 to 255 bytes, or a list of 1 to ${maxValues} of them, such as "eu" or ["eu", "us"]`)
  .transform((value) => typeof value === "string" ? [value] : value);

function isFilterValue(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.isWellFormed() &&
    new TextEncoder().encode(value).length <= 255;
}

/** The arguments that a stream may have. */
export const streamArguments: readonly string[] = [
  "x-max-length-bytes",
  "x-max-age",
  "x-stream-max-segment-size-bytes",
  "x-stream-filter-size-bytes",
  "x-initial-cluster-size",
  "x-queue-leader-locator",
];
