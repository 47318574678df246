import { describeError } from "../api/errors.ts";

// Limits, so that a log line stays a line.
const maxDepth = 8;
const maxItems = 100;
const maxText = 8 * 1024;

/**
 * A handler's log data as values that JSON can hold. Errors, URLs, dates and bytes become text, maps and sets become
 * objects and lists, and a circular part becomes `(circular)`. Never throws, even if reading the value does.
 */
export function logData(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain = plainOf(data, []);
  const isRecord = typeof plain === "object" && plain !== null && !Array.isArray(plain);
  return isRecord ? plain as Record<string, unknown> : { value: plain };
}

function plainOf(value: unknown, above: readonly object[]): unknown {
  switch (typeof value) {
    case "string":
      return value.length > maxText ? `${value.slice(0, maxText)}…` : value;
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return String(value);
    case "undefined":
      return undefined;
    case "symbol":
    case "function":
      return `(${typeof value})`;
  }
  if (value === null) return null;
  const object = value as object;
  if (above.includes(object)) return "(circular)";
  if (above.length === maxDepth) return "(more)";
  try {
    return objectOf(object, [...above, object]);
  } catch {
    return "(cannot be read)";
  }
}

function objectOf(value: object, above: readonly object[]): unknown {
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof URL || value instanceof URLSearchParams || value instanceof RegExp) {
    return String(value);
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `(${value.byteLength} bytes)`;
  if (value instanceof Map) return entriesOf([...value].map(([key, item]) => [keyOf(key), item]), above);
  if (value instanceof Set) return listOf([...value], above);
  if (Array.isArray(value)) return listOf(value, above);
  if ("toJSON" in value && typeof value.toJSON === "function") return plainOf(value.toJSON(), above);
  return entriesOf(Object.entries(value), above);
}

function listOf(items: readonly unknown[], above: readonly object[]): unknown[] {
  const shown = items.slice(0, maxItems).map((item) => plainOf(item, above) ?? null);
  return items.length > maxItems ? [...shown, `(${items.length - maxItems} more)`] : shown;
}

function entriesOf(entries: readonly [string, unknown][], above: readonly object[]): Record<string, unknown> {
  const shown = entries.slice(0, maxItems).map(([key, item]) => [key, plainOf(item, above)] as const)
    .filter(([, item]) => item !== undefined);
  const more = entries.length > maxItems ? [["…", `(${entries.length - maxItems} more)`] as const] : [];
  return Object.fromEntries([...shown, ...more]);
}

function keyOf(key: unknown): string {
  return typeof key === "string" ? key : String(plainOf(key, []));
}
