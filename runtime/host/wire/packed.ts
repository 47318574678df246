import { shown } from "../../core/text/shown.ts";

/*
 * JSON for function options and requests, which may contain more than JSON can hold: bytes, dates, bigints, infinite
 * numbers, `undefined`. Each of those becomes an object whose key `$` says what it is. Functions and schemas become
 * placeholders that cannot be called. A placeholder is packed as what it stands for was, so that declarations that were
 * packed and unpacked any number of times can be compared.
 */

const tag = "$";

// Deeper values would exhaust the stack.
const maxDepth = 1000;

const maxVendor = 100;
const maxName = 100;

/** A value is nested too deep, or circular. */
export class TooDeep extends RangeError {
  constructor() {
    super(`A value is nested deeper than ${maxDepth}`);
  }
}

/** Converts a value to one that JSON can hold. Throws `TooDeep`. */
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
      return tagged("function", value.name.slice(0, maxName) || undefined);
    case "symbol":
      return tagged("other", value.description ?? "");
  }
  return value === null ? null : packObject(value as object, depth);
}

function packObject(value: object, depth: number): unknown {
  if (depth > maxDepth) throw new TooDeep();
  if (Array.isArray(value)) return value.map((item) => pack(item, depth + 1));
  if (value instanceof Uint8Array) return tagged("bytes", value.toBase64());
  if (value instanceof Date) return tagged("date", value.getTime());
  if ("~standard" in value) return tagged("schema", vendorOf(value["~standard"]));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && Object.keys(value).length === 0) {
    return tagged("other", shown(value));
  }
  const entries = Object.entries(value).map(([key, item]) => [key, pack(item, depth + 1)] as const);
  return tag in value ? tagged("object", entries) : Object.fromEntries(entries);
}

/** The library that a schema is of. */
function vendorOf(standard: unknown): string {
  const { vendor } = (standard ?? {}) as { vendor?: unknown };
  return typeof vendor === "string" ? vendor.slice(0, maxVendor) : "unknown";
}

function tagged(what: string, value?: unknown): unknown {
  return value === undefined ? { [tag]: what } : { [tag]: what, value };
}

/**
 * Converts a packed value back. Functions and schemas become ones that throw when they are called. Throws `TooDeep` or
 * another error for a value that `pack` did not write.
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
      return named(value === undefined ? "" : String(value));
    case "schema":
      return { "~standard": { version: 1, vendor: String(value), validate: elsewhere } };
    case "object":
      return unpackEntries(value as [string, unknown][], depth);
  }
  return Symbol(String(value));
}

// Makes ordinary properties of all keys, also of `__proto__`.
function unpackEntries(
  entries: readonly (readonly [string, unknown])[],
  depth: number,
): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, item]) => [key, unpack(item, depth + 1)]));
}

function named(name: string): () => never {
  return Object.defineProperty(() => elsewhere(), "name", { value: name });
}

function elsewhere(): never {
  throw new Error("It can only be called in the function's own process");
}
