/*
 * Finds what is where in the tables of AMQP 0-9-1, without reading the values: what a table holds may be of a type or
 * a depth that nobody here can make sense of, and still go along as it is.
 */

// Bytes of a value by its type; the others begin with their length.
const sizes: Readonly<Record<string, number>> = {
  ...{ V: 0, t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, f: 4, D: 5 },
  ...{ l: 8, L: 8, d: 8, T: 8 },
};

/** A name in a table, and the bytes of both name and value. */
export interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The entries of a table that begins with its length; nothing if it is not well formed. */
export function tableEntries(table: Uint8Array): readonly Entry[] | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const entries: Entry[] = [];
  const utf8 = new TextDecoder();
  let at = 4;
  while (at < table.length) {
    const valueAt = at + 1 + table[at]!;
    const end = valueEnd(view, valueAt);
    if (end === undefined || end > table.length) return undefined;
    entries.push({ name: utf8.decode(table.subarray(at + 1, valueAt)), bytes: table.subarray(at, end) });
    at = end;
  }
  return entries;
}

function valueEnd(view: DataView, at: number): number | undefined {
  if (at >= view.byteLength) return undefined;
  const size = sizes[String.fromCharCode(view.getUint8(at))];
  if (size !== undefined) return at + 1 + size;
  return at + 5 > view.byteLength ? undefined : at + 5 + view.getUint32(at + 1);
}

// An empty list in a list is the least that a level takes.
const leastBytes = 5;

/** Whether a table has more tables and lists in one another. What is not well formed has not. */
export function deeperThan(most: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= most * leastBytes) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const open: { readonly end: number; readonly named: boolean }[] = [{ end, named: true }];
  for (let at = start; open.length > 0;) {
    const inside = open.at(-1)!;
    if (at >= inside.end) {
      open.pop();
      continue;
    }
    if (inside.named) at += 1 + bytes[at]!;
    const type = String.fromCharCode(bytes[at++] ?? 0);
    const size = sizes[type];
    if (size !== undefined) {
      at += size;
      continue;
    }
    if (at + 4 > end) return false;
    const length = view.getUint32(at);
    at += 4;
    if (type !== "F" && type !== "A") {
      at += length;
      continue;
    }
    if (open.length > most) return true;
    open.push({ end: at + length, named: type === "F" });
  }
  return false;
}
