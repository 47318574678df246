import type { Buffer } from "node:buffer";
import { Malformed } from "./malformed.ts";
import { Reader } from "./reader.ts";
import { MAX_DEPTH, tooDeep, unknownType } from "./table.ts";

// Walks through the bytes of a table without decoding its values.

const FIXED_SIZES = {
  ...{ V: 0, t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, f: 4, D: 5 },
  ...{ l: 8, L: 8, d: 8, T: 8 },
};
const [MEASURED, UNKNOWN] = [-1, -2];

/** The size of a value, by the octet of its type; `MEASURED` if the value begins with its length. */
const SIZES = new Int8Array(256).fill(UNKNOWN);
for (const tag of "SxAF") SIZES[tag.charCodeAt(0)] = MEASURED;
for (const [tag, size] of Object.entries(FIXED_SIZES)) SIZES[tag.charCodeAt(0)] = size;

/** Skips a value without looking into it. */
export function skipField(reader: Reader): void {
  const tag = reader.octet();
  const size = SIZES[tag]!;
  if (size === UNKNOWN) throw unknownType(String.fromCharCode(tag));
  reader.skip(size === MEASURED ? reader.long() : size);
}

const LIST = "A".charCodeAt(0), TABLE = "F".charCodeAt(0);

/** Whether the next value is a list or a table. */
export function isNested({ bytes, at }: Reader): boolean {
  return bytes[at] === LIST || bytes[at] === TABLE;
}

/** Skips a value, and checks that it and everything in it can be decoded. Throws the same errors as decoding it. */
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

/** Whether all entries of a table can be decoded. */
export function canRead(bytes: Buffer): boolean {
  const entries = new Reader(bytes, 0, bytes.length);
  try {
    while (entries.left > 0) {
      entries.skip(entries.octet());
      checkField(entries);
    }
    return true;
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}
