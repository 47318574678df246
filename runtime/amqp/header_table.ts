import { Buffer } from "node:buffer";
import { Malformed } from "./malformed.ts";
import { Output } from "./output.ts";
import { Reader } from "./reader.ts";
import { type Field, readField, writeField, writeTable } from "./table.ts";
import { canRead, checkField, isNested, skipField } from "./table_scan.ts";
import { toLenientText } from "./text.ts";
import { type Refuse, tableOf, valueOf } from "./values.ts";

const TABLE = "F".charCodeAt(0);

/** Where a header is in the bytes of its table. */
interface Entry {
  readonly name: string;
  readonly start: number;
  readonly valueAt: number;
  readonly end: number;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * The headers of a message as the bytes of a table. They are read when somebody asks for them, and what goes along to
 * another message goes in its bytes, whatever they are.
 */
export class HeaderTable {
  /** No headers. */
  static readonly none: HeaderTable = new HeaderTable(Buffer.alloc(0));

  /** The entries, without the length that stands in front of them. */
  readonly bytes: Buffer;
  readonly #given: string | undefined;
  #found: { readonly entries: readonly Entry[]; readonly problem: string | undefined } | undefined;
  #readable: boolean | undefined;
  #values: Values | undefined;

  /** `unreadable` says why headers are not among the bytes that came. */
  constructor(bytes: Buffer, unreadable?: string) {
    this.bytes = bytes;
    this.#given = unreadable;
  }

  /** Headers of these values. Throws what `refuse` makes of a text that names the one that no header can hold. */
  static of(values: Values, refuse: Refuse = (message) => new TypeError(message)): HeaderTable {
    const out = new Output();
    writeTable(out, tableOf(values, refuse));
    return new HeaderTable(out.copy().subarray(4));
  }

  /** Why some cannot be read; nothing if all can. */
  get unreadable(): string | undefined {
    if (this.#given !== undefined) return this.#given;
    this.#readable ??= canRead(this.bytes);
    return this.#readable ? undefined : this.#entries.problem;
  }

  /** Whether there is one of this name. */
  has(name: string): boolean {
    return this.#mayHave(name) && this.#entries.entries.some((entry) => entry.name === name);
  }

  /** The value of the one of this name; nothing where there is none, or it cannot be read. */
  get(name: string): unknown {
    if (!this.#mayHave(name)) return undefined;
    const entry = this.#entries.entries.findLast((entry) => entry.name === name);
    return entry && this.#read(entry);
  }

  /** The values of all that can be read, by name, without a prototype. */
  get values(): Values {
    return this.#values ??= this.#readAll();
  }

  /** The same without those that are not `kept`. */
  filter(kept: (name: string) => boolean): HeaderTable {
    const { entries } = this.#entries;
    if (entries.every(({ name }) => kept(name))) return this;
    return new HeaderTable(Buffer.concat(
      entries.filter(({ name }) => kept(name)).map(({ start, end }) => this.bytes.subarray(start, end)),
    ));
  }

  /** The same where those that are `chosen` stand in a table of their own, of this name. */
  nest(name: string, chosen: (name: string) => boolean): HeaderTable {
    const nested = this.filter(chosen);
    if (nested.bytes.length === 0) return this;
    const others = this.filter((other) => !chosen(other));
    const title = Buffer.from(name);
    const head = Buffer.from([title.length, ...title, TABLE, 0, 0, 0, 0]);
    head.writeUInt32BE(nested.bytes.length, head.length - 4);
    return new HeaderTable(Buffer.concat([others.bytes, head, nested.bytes]));
  }

  /** The same where those in the table of this name stand beside the others. */
  unnest(name: string): HeaderTable {
    const entry = this.#entries.entries.findLast((entry) => entry.name === name);
    const others = this.filter((other) => other !== name);
    if (entry === undefined || this.bytes[entry.valueAt] !== TABLE) return others;
    return new HeaderTable(Buffer.concat([others.bytes, this.bytes.subarray(entry.valueAt + 5, entry.end)]));
  }

  /** The same with these, in the place of those of their names. */
  with(values: Values): HeaderTable {
    const others = this.filter((name) => !Object.hasOwn(values, name));
    return new HeaderTable(Buffer.concat([others.bytes, HeaderTable.of(values).bytes]));
  }

  /** The same where the list of this name has only the items that are `kept`. */
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

  /** Each message is asked for the headers that Hopper and brokers write; most have none of them. */
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
