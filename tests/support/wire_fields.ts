/**
 * Field values, tables and strings of AMQP 0-9-1 as bytes, written for the tests alone: a fault in the
 * broker's own codec must not be hidden by the same fault here.
 */

/** A value whose type on the wire matters to the test: `typed("s", 5)` is a 16-bit 5. */
export class Typed {
  constructor(readonly type: string, readonly value: unknown) {}
}

/** Names the wire type of a field value: b B s u I i l f d D S A T F V x t. */
export const typed = (type: string, value: unknown): Typed => new Typed(type, value);

/** A value as bytes with its type in front, for values that no usual client writes. */
export class Raw {
  constructor(readonly bytes: Uint8Array) {}
}

export type Table = Record<string, unknown>;

const text = new TextEncoder();
const utf8 = new TextDecoder();

/** Collects bytes in network order. */
export class Writer {
  #bytes: number[] = [];

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  uint(size: number, value: number | bigint): this {
    const bits = BigInt.asUintN(size * 8, BigInt(value));
    for (let shift = size - 1; shift >= 0; shift--) {
      this.#bytes.push(Number((bits >> BigInt(shift * 8)) & 0xffn));
    }
    return this;
  }

  raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  shortString(value: string): this {
    const bytes = text.encode(value);
    if (bytes.length > 255) throw new RangeError(`A short string holds 255 bytes, got ${bytes.length}`);
    return this.uint(1, bytes.length).raw(bytes);
  }

  longString(value: string | Uint8Array): this {
    const bytes = typeof value === "string" ? text.encode(value) : value;
    return this.uint(4, bytes.length).raw(bytes);
  }

  table(value: Table): this {
    const body = new Writer();
    for (const [name, field] of Object.entries(value)) body.shortString(name).field(field);
    return this.longString(body.bytes);
  }

  field(value: unknown): this {
    if (value instanceof Raw) return this.raw(value.bytes);
    const { type, value: plain } = value instanceof Typed ? value : typed(naturalType(value), value);
    this.#bytes.push(type.charCodeAt(0));
    return this.#fieldBody(type, plain);
  }

  #fieldBody(type: string, value: unknown): this {
    switch (type) {
      case "t":
        return this.uint(1, value ? 1 : 0);
      case "b":
      case "B":
        return this.uint(1, value as number);
      case "s":
      case "u":
        return this.uint(2, value as number);
      case "I":
      case "i":
        return this.uint(4, value as number);
      case "l":
        return this.uint(8, value as number);
      case "T":
        return this.uint(8, Math.floor(Number(value) / 1000));
      case "f":
      case "d": {
        const view = new DataView(new ArrayBuffer(type === "f" ? 4 : 8));
        type === "f" ? view.setFloat32(0, value as number) : view.setFloat64(0, value as number);
        return this.raw(new Uint8Array(view.buffer));
      }
      case "D":
        return this.uint(1, (value as number[])[0]!).uint(4, (value as number[])[1]!);
      case "S":
      case "x":
        return this.longString(value as string | Uint8Array);
      case "A": {
        const items = new Writer();
        for (const item of value as unknown[]) items.field(item);
        return this.longString(items.bytes);
      }
      case "F":
        return this.table(value as Table);
      case "V":
        return this;
      default:
        throw new TypeError(`No field type '${type}'`);
    }
  }
}

/** The type that amqplib, pika and most clients choose. */
function naturalType(value: unknown): string {
  if (value === null || value === undefined) return "V";
  if (typeof value === "string") return "S";
  if (typeof value === "boolean") return "t";
  if (typeof value === "bigint") return "l";
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return "d";
    return Math.abs(value) < 2 ** 31 ? "I" : "l";
  }
  if (Array.isArray(value)) return "A";
  if (value instanceof Date) return "T";
  if (value instanceof Uint8Array) return "x";
  return "F";
}

/** Reads what a broker sent. Running past the end throws a RangeError. */
export class Reader {
  #view: DataView;
  #at = 0;

  /** With `keepTypes`, every field value is read as a `Typed`. */
  constructor(readonly bytes: Uint8Array, readonly keepTypes = false) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.#at;
  }

  uint(size: 1 | 2 | 4): number {
    const at = this.#take(size);
    return size === 1
      ? this.#view.getUint8(at)
      : size === 2
      ? this.#view.getUint16(at)
      : this.#view.getUint32(at);
  }

  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8)));
  }

  raw(size: number): Uint8Array {
    const at = this.#take(size);
    return this.bytes.slice(at, at + size);
  }

  shortString(): string {
    return utf8.decode(this.raw(this.uint(1)));
  }

  longString(): string {
    return utf8.decode(this.raw(this.uint(4)));
  }

  table(): Table {
    const body = new Reader(this.raw(this.uint(4)), this.keepTypes);
    const table: Table = {};
    while (body.left > 0) table[body.shortString()] = body.field();
    return table;
  }

  field(): unknown {
    const type = String.fromCharCode(this.uint(1));
    const value = this.#fieldBody(type);
    return this.keepTypes ? typed(type, value) : value;
  }

  #fieldBody(type: string): unknown {
    switch (type) {
      case "t":
        return this.uint(1) !== 0;
      case "b":
        return this.#view.getInt8(this.#take(1));
      case "B":
        return this.uint(1);
      case "s":
        return this.#view.getInt16(this.#take(2));
      case "u":
        return this.uint(2);
      case "I":
        return this.#view.getInt32(this.#take(4));
      case "i":
        return this.uint(4);
      case "l":
        return Number(this.#view.getBigInt64(this.#take(8)));
      case "T":
        return new Date(this.uint64() * 1000);
      case "f":
        return this.#view.getFloat32(this.#take(4));
      case "d":
        return this.#view.getFloat64(this.#take(8));
      case "D":
        return [this.uint(1), this.uint(4)];
      case "S":
        return this.longString();
      case "x":
        return this.raw(this.uint(4));
      case "A": {
        const items = new Reader(this.raw(this.uint(4)), this.keepTypes);
        const list: unknown[] = [];
        while (items.left > 0) list.push(items.field());
        return list;
      }
      case "F":
        return this.table();
      case "V":
        return null;
      default:
        throw new TypeError(`No field type '${type}'`);
    }
  }

  #take(size: number): number {
    if (size > this.left) throw new RangeError(`Wanted ${size} bytes, ${this.left} are left`);
    const at = this.#at;
    this.#at += size;
    return at;
  }
}
