import type { Reader } from "./reader.ts";
import { MAX_DEPTH, tooDeep, unknownType } from "./table.ts";

// Finds what is where in a table without making values of it.

const FIXED_SIZES: Record<string, number> = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  f: 4,
  l: 8,
  L: 8,
  T: 8,
  d: 8,
  D: 5,
  V: 0,
};

/** Passes a value, whatever is in it. */
export function skipField(reader: Reader): void {
  const tag = String.fromCharCode(reader.octet());
  const size = FIXED_SIZES[tag];
  if (size !== undefined) return reader.skip(size);
  if (tag === "S" || tag === "x" || tag === "A" || tag === "F") return reader.skip(reader.long());
  throw unknownType(tag);
}

const LIST = "A".charCodeAt(0), TABLE = "F".charCodeAt(0);

/** Whether the value that begins at the reader holds others. */
export function isNested({ bytes, at }: Reader): boolean {
  return bytes[at] === LIST || bytes[at] === TABLE;
}

/** Passes a value that can be read, with all that is in it; throws what the reading of it would. */
export function checkField(reader: Reader, depth = 1): void {
  if (!isNested(reader)) return skipField(reader);
  if (depth > MAX_DEPTH) throw tooDeep();
  const tag = reader.octet();
  const part = reader.part(reader.long());
  while (part.left > 0) {
    if (tag === TABLE) part.skip(part.octet());
    checkField(part, depth + 1);
  }
}
