import { Buffer } from "node:buffer";
import { Malformed } from "./malformed.ts";
import { Output } from "./output.ts";
import { Reader } from "./reader.ts";
import { type Field, readField, writeField, writeTable } from "./table.ts";
import { canRead, checkField, isNested, skipField } from "./table_scan.ts";
import { toLenientText } from "./text.ts";
import { type Refuse, tableOf, valueOf } from "./values.ts";

const TABLE = "F".charCodeAt(0);

/** The place of a header in the bytes of its table. */
interface Entry {
  readonly name: string;
  readonly start: number;
  readonly valueAt: number;
  readonly end: number;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * The headers of a message, kept as the bytes of a table. They are decoded only when they are read, and passed on to
 * another message unchanged.
 */
export class HeaderTable {
  /** No headers. */
  static readonly none: HeaderTable = new HeaderTable(Buffer.alloc(0));

  /** The bytes of the entries, without the table's length at the start. */
  readonly bytes: Buffer;
  readonly #given: string | undefined;
  #found: { readonly entries: readonly Entry[]; readonly problem: string | undefined } | undefined;
  #readable: boolean | undefined;
  #values: Values | undefined;

  /** `unreadable` says why received headers are missing in `bytes`. */
  constructor(bytes: Buffer, unreadable?: string) {
    this.bytes = bytes;
    this.#given = unreadable;
  }

  /** Encodes values as headers. For a value that no header can hold, throws `refuse(message)`. */
  static of(values: Values, refuse: Refuse = (message) => new TypeError(message)): HeaderTable {
    const out = new Output();
    writeTable(out, tableOf(values, refuse));
    return new HeaderTable(out.copy().subarray(4));
  }

  /** Why some headers cannot be decoded; `undefined` if all can. */
  get unreadable(): string | undefined {
    if (this.#given !== undefined) return this.#given;
    this.#readable ??= canRead(this.bytes);
    return this.#readable ? undefined : this.#entries.problem;
  }

  /** Whether there is a header with this name. */
  has(name: string): boolean {
    return this.#mayHave(name) && this.#entries.entries.some((entry) => entry.name === name);
  }

  /** The value of a header; `undefined` if there is none, or if it cannot be decoded. */
  get(name: string): unknown {
    if (!this.#mayHave(name)) return undefined;
    const entry = this.#entries.entries.findLast((entry) => entry.name === name);
    return entry && this.#read(entry);
  }

  /** The headers that can be decoded, in an object without a prototype. */
  get values(): Values {
    return this.#values ??= this.#readAll();
  }

  /** The same headers, but only those that are `kept`. */
  filter(kept: (name: string) => boolean): HeaderTable {
    const { entries } = this.#entries;
    if (entries.every(({ name }) => kept(name))) return this;
    return new HeaderTable(Buffer.concat(
      entries.filter(({ name }) => kept(name)).map(({ start, end }) => this.bytes.subarray(start, end)),
    ));
  }

  /** The same headers; the `chosen` ones are moved into a nested table with this name. */
  nest(name: string, chosen: (name: string) => boolean): HeaderTable {
    const nested = this.filter(chosen);
    if (nested.bytes.length === 0) return this;
    const others = this.filter((other) => !chosen(other));
    const title = Buffer.from(name);
    const head = Buffer.from([title.length, ...title, TABLE, 0, 0, 0, 0]);
    head.writeUInt32BE(nested.bytes.length, head.length - 4);
    return new HeaderTable(Buffer.concat([others.bytes, head, nested.bytes]));
  }

  /** The same headers; those in the nested table with this name are moved out of it again. */
  unnest(name: string): HeaderTable {
    const entry = this.#entries.entries.findLast((entry) => entry.name === name);
    const others = this.filter((other) => other !== name);
    if (entry === undefined || this.bytes[entry.valueAt] !== TABLE) return others;
    return new HeaderTable(Buffer.concat([others.bytes, this.bytes.subarray(entry.valueAt + 5, entry.end)]));
  }

  /** The same headers, with these added. They replace headers with the same names. */
  with(values: Values): HeaderTable {
    const others = this.filter((name) => !Object.hasOwn(values, name));
    return new HeaderTable(Buffer.concat([others.bytes, HeaderTable.of(values).bytes]));
  }

  /** The same headers; the list with this name has only the items that are `kept`. */
  filterList(name: string, kept: (item: unknown) => boolean): HeaderTable {
    const entry = this.#entries.entries.findLast((entry) => entry.name === name);
    const field = entry && this.#field(entry);
    if (field?.type !== "array") return this;
    const items = field.value.filter((item) => kept(valueOf(item)));
    if (items.length === field.value.length) return this;
    const out = new Output();
    out.raw(this.bytes, entry!.start, entry!.valueAt);
    writeField(out, { type: "array", value: items });
    const others = this.filter((other) => other !== name);
    return new HeaderTable(Buffer.concat([others.bytes, out.copy()]));
  }

  /** A fast check: every message is asked for Hopper's and the broker's headers, and most have none of them. */
  #mayHave(name: string): boolean {
    return this.bytes.length > name.length && this.bytes.includes(name);
  }

  get #entries() {
    return this.#found ??= findEntries(this.bytes);
  }

  #readAll(): Values {
    const values = Object.create(null);
    if (this.bytes.length === 0) return values;
    for (const entry of this.#entries.entries) {
      const value = this.#read(entry);
      if (value !== undefined) values[entry.name] = value;
    }
    return values;
  }

  #read(entry: Entry): unknown {
    const field = this.#field(entry);
    return field && valueOf(field);
  }

  #field({ valueAt, end }: Entry): Field | undefined {
    try {
      return readField(new Reader(this.bytes, valueAt, end));
    } catch (error) {
      if (error instanceof Malformed) return undefined;
      throw error;
    }
  }
}

function findEntries(bytes: Buffer) {
  const reader = new Reader(bytes, 0, bytes.length);
  const entries: Entry[] = [];
  let problem: string | undefined;
  try {
    while (reader.left > 0) {
      const start = reader.at;
      const name = toLenientText(reader.shortString());
      const valueAt = reader.at;
      const nested = isNested(reader);
      skipField(reader);
      const entry = { name, start, valueAt, end: reader.at };
      entries.push(entry);
      if (nested) problem ??= problemIn(bytes, entry);
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    problem = error.message;
  }
  return { entries, problem };
}

function problemIn(bytes: Buffer, { name, valueAt, end }: Entry): string | undefined {
  try {
    checkField(new Reader(bytes, valueAt, end));
  } catch (error) {
    if (error instanceof Malformed) return `header '${name}': ${error.message}`;
    throw error;
  }
}
