import { shown } from "../../core/text/shown.ts";

/*
 * JSON that also holds what function options and what is asked for may: bytes, dates, big integers, numbers that are not
 * finite, `undefined`. Each stands as an object with the key `$`, which says what it is. Functions and schemas stand
 * as what cannot be called.
 */

const tag = "$";

// Past this a value could not be walked without exhausting the stack.
const maxDepth = 1000;

/** A value nested too deep, or in a circle. */
export class TooDeep extends RangeError {
  constructor() {
    super(`A value is nested deeper than ${maxDepth}`);
  }
}

/** The value as JSON can hold it. Throws `TooDeep`. */
export function pack(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Object.is(value, -0)) return tagged("number", "-0");
      return Number.isFinite(value) ? value : tagged("number", String(value));
    case "undefined":
      return tagged("undefined");
    case "bigint":
      return tagged("bigint", String(value));
    case "function":
      return tagged("function");
    case "symbol":
      return tagged("other", String(value));
  }
  return value === null ? null : packObject(value as object, depth);
}

function packObject(value: object, depth: number): unknown {
  if (depth > maxDepth) throw new TooDeep();
  if (Array.isArray(value)) return value.map((item) => pack(item, depth + 1));
  if (value instanceof Uint8Array) return tagged("bytes", value.toBase64());
  if (value instanceof Date) return tagged("date", value.getTime());
  if ("~standard" in value) return tagged("schema", shown(value["~standard"]));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && Object.keys(value).length === 0) {
    return tagged("other", shown(value));
  }
  const entries = Object.entries(value).map(([key, item]) => [key, pack(item, depth + 1)] as const);
  return tag in value ? tagged("object", entries) : Object.fromEntries(entries);
}

function tagged(what: string, value?: unknown): unknown {
  return value === undefined ? { [tag]: what } : { [tag]: what, value };
}

/**
 * The value that was packed; functions and schemas are there, and throw when they are called. Throws for what `pack`
 * did not write: `TooDeep`, or whatever the reading of it throws.
 */
export function unpack(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) throw new TooDeep();
  if (Array.isArray(value)) return value.map((item) => unpack(item, depth + 1));
  if (tag in value) return unpackTagged(value as { $: unknown; value?: unknown }, depth);
  return unpackEntries(Object.entries(value), depth);
}

function unpackTagged({ $: what, value }: { $: unknown; value?: unknown }, depth: number): unknown {
  switch (what) {
    case "number":
      return Number(value);
    case "bigint":
      return BigInt(String(value));
    case "bytes":
      return Uint8Array.fromBase64(String(value));
    case "date":
      return new Date(Number(value));
    case "undefined":
      return undefined;
    case "function":
      return elsewhere;
    case "schema":
      return { "~standard": { version: 1, vendor: String(value), validate: elsewhere } };
    case "object":
      return unpackEntries(value as [string, unknown][], depth);
  }
  return Symbol(String(value));
}

// Makes own properties of whatever keys there are, `__proto__` among them.
function unpackEntries(
  entries: readonly (readonly [string, unknown])[],
  depth: number,
): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, item]) => [key, unpack(item, depth + 1)]));
}

function elsewhere(): never {
  throw new Error("It can be called in the function's own process only");
}
