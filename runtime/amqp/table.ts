import { Malformed } from "./malformed.ts";
import type { Output } from "./output.ts";
import type { Reader } from "./reader.ts";

/** One value of a field table, with its type on the wire, by RabbitMQ's name for it. */
export type Field =
  | { type: "bool"; value: boolean }
  | { type: IntegerType; value: number }
  | { type: "long" | "timestamp"; value: bigint }
  | { type: "float" | "double"; value: number }
  | { type: "decimal"; value: { scale: number; digits: number } }
  | { type: "longstr" | "binary"; value: string }
  | { type: "array"; value: Field[] }
  | { type: "table"; value: Table }
  | { type: "void"; value: undefined };

export type IntegerType = "byte" | "unsignedbyte" | "short" | "unsignedshort" | "signedint" | "unsignedint";

export type Table = Map<string, Field>;

/** How deep tables and lists may be nested. Deeper ones would exhaust the stack. */
export const MAX_DEPTH = 1000;

export function readTable(reader: Reader, depth = 0): Table {
  if (depth > MAX_DEPTH) throw tooDeep();
  const part = reader.part(reader.long());
  const table: Table = new Map();
  while (part.left > 0) {
    const name = part.shortString();
    table.set(name, readField(part, depth + 1));
  }
  return table;
}

export function tooDeep(): Malformed {
  return new Malformed(`Tables and lists are nested deeper than ${MAX_DEPTH}`);
}

function readArray(reader: Reader, depth: number): Field[] {
  if (depth > MAX_DEPTH) throw tooDeep();
  const part = reader.part(reader.long());
  const items: Field[] = [];
  while (part.left > 0) items.push(readField(part, depth + 1));
  return items;
}

/** Reads a value at a nesting depth. The fields of the headers table have depth 1. */
export function readField(reader: Reader, depth = 1): Field {
  const tag = String.fromCharCode(reader.octet());
  switch (tag) {
    case "t":
      return { type: "bool", value: reader.octet() !== 0 };
    case "b":
      return { type: "byte", value: reader.octet() << 24 >> 24 };
    case "B":
      return { type: "unsignedbyte", value: reader.octet() };
    case "s":
      return { type: "short", value: reader.short() << 16 >> 16 };
    case "u":
      return { type: "unsignedshort", value: reader.short() };
    case "I":
      return { type: "signedint", value: reader.long() | 0 };
    case "i":
      return { type: "unsignedint", value: reader.long() };
    case "l":
    case "L":
      return { type: "long", value: read64(reader, true) };
    case "T":
      return { type: "timestamp", value: read64(reader, false) };
    case "f":
      return { type: "float", value: passed(reader, 4, (at) => reader.bytes.readFloatBE(at)) };
    case "d":
      return { type: "double", value: passed(reader, 8, (at) => reader.bytes.readDoubleBE(at)) };
    case "D":
      return { type: "decimal", value: { scale: reader.octet(), digits: reader.long() } };
    case "S":
      return { type: "longstr", value: reader.longString() };
    case "x":
      return { type: "binary", value: reader.longString() };
    case "A":
      return { type: "array", value: readArray(reader, depth) };
    case "F":
      return { type: "table", value: readTable(reader, depth) };
    case "V":
      return { type: "void", value: undefined };
    default:
      throw unknownType(tag);
  }
}

export function unknownType(tag: string): Malformed {
  return new Malformed(`A table has a field of the unknown type '${tag}'`);
}

function read64(reader: Reader, signed: boolean): bigint {
  return passed(
    reader,
    8,
    (at) => signed ? reader.bytes.readBigInt64BE(at) : reader.bytes.readBigUInt64BE(at),
  );
}

function passed<T>(reader: Reader, size: number, read: (at: number) => T): T {
  const at = reader.at;
  reader.skip(size);
  return read(at);
}

export function writeTable(out: Output, table: Table): void {
  const start = out.mark();
  for (const [name, field] of table) {
    out.shortString(name);
    writeField(out, field);
  }
  out.measure(start);
}

export function writeField(out: Output, field: Field): void {
  switch (field.type) {
    case "bool":
      return out.octet(T).octet(field.value ? 1 : 0).done();
    case "byte":
      return out.octet(tagOf("b")).octet(field.value & 0xff).done();
    case "unsignedbyte":
      return out.octet(tagOf("B")).octet(field.value).done();
    case "short":
      return out.octet(tagOf("s")).short(field.value & 0xffff).done();
    case "unsignedshort":
      return out.octet(tagOf("u")).short(field.value).done();
    case "signedint":
      return out.octet(tagOf("I")).long(field.value >>> 0).done();
    case "unsignedint":
      return out.octet(tagOf("i")).long(field.value).done();
    case "long":
      return out.octet(tagOf("l")).bigint(BigInt.asUintN(64, field.value)).done();
    case "timestamp":
      return out.octet(tagOf("T")).bigint(field.value).done();
    case "float":
      return out.octet(tagOf("f")).float(field.value).done();
    case "double":
      return out.octet(tagOf("d")).double(field.value).done();
    case "decimal":
      return out.octet(tagOf("D")).octet(field.value.scale).long(field.value.digits).done();
    case "longstr":
      return out.octet(tagOf("S")).longString(field.value).done();
    case "binary":
      return out.octet(tagOf("x")).longString(field.value).done();
    case "void":
      return out.octet(tagOf("V")).done();
    case "array": {
      const start = out.octet(tagOf("A")).mark();
      for (const item of field.value) writeField(out, item);
      return out.measure(start);
    }
    case "table":
      out.octet(tagOf("F"));
      return writeTable(out, field.value);
  }
}

function tagOf(letter: string): number {
  return letter.charCodeAt(0);
}

const T = tagOf("t");

const INTEGERS = new Set([
  "byte",
  "unsignedbyte",
  "short",
  "unsignedshort",
  "signedint",
  "unsignedint",
  "long",
]);

/** Whether two fields have equal values. The width of integers and floats does not matter. */
export function sameField(a: Field, b: Field): boolean {
  if (kindOf(a) !== kindOf(b)) return false;
  switch (a.type) {
    case "array": {
      const other = (b as typeof a).value;
      return a.value.length === other.length && a.value.every((item, i) => sameField(item, other[i]!));
    }
    case "table":
      return sameTable(a.value, (b as typeof a).value);
    case "decimal": {
      const other = (b as typeof a).value;
      return a.value.scale === other.scale && a.value.digits === other.digits;
    }
    case "bool":
    case "longstr":
    case "binary":
    case "void":
      return a.value === b.value;
    default:
      return sameNumber(a.value, b.value as typeof a.value);
  }
}

/** Whether two numbers are equal, also a bigint and a number. */
export function sameNumber(a: number | bigint, b: number | bigint): boolean {
  return a == b;
}

function sameTable(a: Table, b: Table): boolean {
  if (a.size !== b.size) return false;
  for (const [name, field] of a) {
    const other = b.get(name);
    if (!other || !sameField(field, other)) return false;
  }
  return true;
}

function kindOf(field: Field): string {
  if (INTEGERS.has(field.type)) return "integer";
  return field.type === "double" ? "float" : field.type;
}

export function isInteger(field: Field): boolean {
  return INTEGERS.has(field.type);
}

export const longstr = (value: string): Field => ({ type: "longstr", value });
export const long = (value: number | bigint): Field => ({ type: "long", value: BigInt(value) });
