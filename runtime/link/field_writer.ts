import { Buffer } from "node:buffer";

// AMQP's words for what cannot be written; whoever publishes says of which message.

/** Writes strings, tables and field values as AMQP 0-9-1 has them, up to a number of bytes. */
export class FieldWriter {
  readonly #most: number;
  #bytes = Buffer.allocUnsafe(512);
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** What was written; valid until more is. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  octet(value: number): void {
    const at = this.#room(1);
    this.#size = this.#bytes.writeUInt8(value, at);
  }

  timestamp(value: number): void {
    const at = this.#room(8);
    this.#size = this.#bytes.writeBigUInt64BE(BigInt(value), at);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    this.#size = at + bytes.length;
  }

  /** Up to 255 bytes; `what` names it where it is longer. */
  shortString(value: unknown, what: string): void {
    if (typeof value !== "string") throw new TypeError(`The ${what} is a ${typeof value}; expected a string`);
    const length = byteLength(value, what);
    if (length > 255) throw new RangeError(`The ${what} is ${length} bytes long; AMQP carries at most 255`);
    this.octet(length);
    this.#text(value, length);
  }

  /** A table's entries behind their length: those that `before` writes, then `entries`. */
  table(entries: Readonly<Record<string, unknown>>, before?: () => void): void {
    this.#measured(() => {
      before?.();
      for (const [name, value] of Object.entries(entries)) {
        if (value === undefined) continue;
        this.shortString(name, "name of a header");
        this.#value(value);
      }
    });
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.#tag("S");
        return this.#longString(value);
      case "boolean":
        this.#tag("t");
        return this.octet(value ? 1 : 0);
      case "number":
        return this.#number(value);
      case "bigint":
        return this.#typed("int64", value);
      case "object":
        return this.#object(value);
    }
    throw new TypeError(`A header is a ${typeof value}, which AMQP does not know`);
  }

  // The smallest of the signed integers, and a double for what is none: what amqplib and RabbitMQ's other clients do.
  #number(value: number): void {
    if (!Number.isInteger(value) || value >= 2 ** 63 || value < -(2 ** 63)) {
      return this.#typed("double", value);
    }
    const type = intTypes.find(([, most]) => value < most && value >= -most)?.[0] ?? "int64";
    this.#typed(type, value);
  }

  #object(value: object | null): void {
    if (value === null) return this.#tag("V");
    if (value instanceof Uint8Array) {
      this.#tag("x");
      return this.#measured(() => this.raw(value));
    }
    if (Array.isArray(value)) {
      this.#tag("A");
      return this.#measured(() => value.forEach((item) => this.#value(item)));
    }
    // How amqplib gives a value of a type that JavaScript has not, such as a timestamp, and takes one.
    if (Object.hasOwn(value, "!")) {
      const { "!": type, value: typed } = value as { "!": unknown; value?: unknown };
      return this.#typed(type, typed);
    }
    this.#tag("F");
    this.table(value as Record<string, unknown>);
  }

  #typed(type: unknown, value: unknown): void {
    const known = typeof type === "string" && Object.hasOwn(typedValues, type)
      ? typedValues[type]
      : undefined;
    if (known === undefined) throw new TypeError(`A header is of type '${type}', which AMQP does not know`);
    const [tag, size, write] = known;
    this.#tag(tag);
    const at = this.#room(size);
    write(this.#bytes, at, value);
    this.#size = at + size;
  }

  #tag(letter: string): void {
    this.octet(letter.charCodeAt(0));
  }

  #longString(value: string): void {
    const length = byteLength(value, "value of a header");
    const at = this.#room(4);
    this.#size = this.#bytes.writeUInt32BE(length, at);
    this.#text(value, length);
  }

  #text(value: string, length: number): void {
    const at = this.#room(length);
    this.#bytes.write(value, at, "utf8");
    this.#size = at + length;
  }

  #measured(write: () => void): void {
    const start = this.#room(4) + 4;
    this.#size = start;
    write();
    this.#bytes.writeUInt32BE(this.#size - start, start - 4);
  }

  /** Makes room, and says where it begins. */
  #room(size: number): number {
    const needed = this.#size + size;
    if (needed > this.#most) throw new DoesNotFit(this.#most);
    if (needed > this.#bytes.length) {
      const more = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(more, 0, 0, this.#size);
      this.#bytes = more;
    }
    return this.#size;
  }
}

/** Properties that one frame does not hold. */
export class DoesNotFit extends RangeError {
  /** `most` is how many bytes it would hold. */
  constructor(most: number) {
    super(
      `Its headers are too long: with the other properties they may take ${most} bytes, what one frame holds`,
    );
  }
}

function byteLength(text: string, what: string): number {
  if (!text.isWellFormed()) {
    throw new TypeError(`The ${what} is no well-formed text: half of a surrogate pair stands in it alone`);
  }
  return Buffer.byteLength(text);
}

const intTypes = [["int8", 2 ** 7], ["int16", 2 ** 15], ["int32", 2 ** 31]] as const;

type TypedValue = readonly [
  tag: string,
  size: number,
  write: (bytes: Buffer, at: number, value: unknown) => void,
];

const int8: TypedValue = ["b", 1, (bytes, at, value) => bytes.writeInt8(Number(value), at)];
const int16: TypedValue = ["s", 2, (bytes, at, value) => bytes.writeInt16BE(Number(value), at)];
const int32: TypedValue = ["I", 4, (bytes, at, value) => bytes.writeInt32BE(Number(value), at)];
const int64: TypedValue = ["l", 8, (bytes, at, value) => bytes.writeBigInt64BE(asBigInt(value), at)];
const uint8: TypedValue = ["B", 1, (bytes, at, value) => bytes.writeUInt8(Number(value), at)];
const uint16: TypedValue = ["u", 2, (bytes, at, value) => bytes.writeUInt16BE(Number(value), at)];
const uint32: TypedValue = ["i", 4, (bytes, at, value) => bytes.writeUInt32BE(Number(value), at)];
const double: TypedValue = ["d", 8, (bytes, at, value) => bytes.writeDoubleBE(Number(value), at)];

/** By the names that amqplib has for them. */
const typedValues: Readonly<Record<string, TypedValue>> = {
  ...{ int8, byte: int8, int16, short: int16, int32, int: int32, int64, long: int64 },
  ...{ uint8, unsignedbyte: uint8, uint16, unsignedshort: uint16, uint32, unsignedint: uint32 },
  ...{ double, float64: double },
  float: ["f", 4, (bytes, at, value) => bytes.writeFloatBE(Number(value), at)],
  timestamp: ["T", 8, (bytes, at, value) => bytes.writeBigUInt64BE(asBigInt(value), at)],
  decimal: ["D", 5, (bytes, at, value) => {
    const { places, digits } = value as { places: number; digits: number };
    bytes.writeUInt8(places, at);
    bytes.writeUInt32BE(digits, at + 1);
  }],
};

function asBigInt(value: unknown): bigint {
  return typeof value === "bigint" ? value : BigInt(Number(value));
}
