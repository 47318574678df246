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

/** The arguments that a stream may have. */
export const streamArguments: readonly string[] = [
  "x-max-length-bytes",
  "x-max-age",
  "x-stream-max-segment-size-bytes",
  "x-stream-filter-size-bytes",
  "x-initial-cluster-size",
  "x-queue-leader-locator",
];
