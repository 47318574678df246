import { type Field, MAX_DEPTH, type Table } from "./table.ts";
import { fromBytes, toBinary, toBytes, toLenientText, toText } from "./text.ts";

/*
 * Header values as JavaScript has them. A whole number is a number, or a bigint beyond 2^53; a long string is text, or
 * bytes where it is no UTF-8; a timestamp is a Date. What JavaScript has nothing for is a `Decimal` or a `Timestamp`.
 */

/** A decimal fraction: `digits` of which the last `places` stand behind the point. */
export class Decimal {
  constructor(readonly places: number, readonly digits: number) {}

  toString(): string {
    if (this.places === 0) return `${this.digits}`;
    const text = `${this.digits}`.padStart(this.places + 1, "0");
    return `${text.slice(0, -this.places)}.${text.slice(-this.places)}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A time beyond what a Date holds: seconds since the epoch. */
export class Timestamp {
  constructor(readonly seconds: bigint) {}

  toString(): string {
    return `${this.seconds}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Makes the error of a value that no header can hold. */
export type Refuse = (message: string) => Error;

const lastSecondOfDate = 8_640_000_000_000n;
const [int64Min, int64Max] = [-(2n ** 63n), 2n ** 63n - 1n];

/** A field's value. */
export function valueOf(field: Field): unknown {
  switch (field.type) {
    case "long":
      return field.value >= Number.MIN_SAFE_INTEGER && field.value <= Number.MAX_SAFE_INTEGER
        ? Number(field.value)
        : field.value;
    case "timestamp":
      return field.value <= lastSecondOfDate
        ? new Date(Number(field.value) * 1000)
        : new Timestamp(field.value);
    case "decimal":
      return new Decimal(field.value.scale, field.value.digits);
    case "longstr":
      return toText(field.value) ?? toBytes(field.value);
    case "binary":
      return toBytes(field.value);
    case "void":
      return null;
    case "array":
      return field.value.map(valueOf);
    case "table":
      return Object.fromEntries([...field.value].map(([name, item]) => [toLenientText(name), valueOf(item)]));
    default:
      return field.value;
  }
}

/**
 * Headers as a table; an `undefined` one is not there. Throws what `refuse` makes of a text that names the value:
 * `headers.at.x is a function; …`.
 */
export function tableOf(headers: Readonly<Record<string, unknown>>, refuse: Refuse): Table {
  if (typeof headers !== "object" || headers === null || !isPlain(headers)) {
    throw refuse(`headers is ${named(headers)}; expected an object with a value for each name`);
  }
  return readRecord({ value: headers, name: "headers", outer: undefined, depth: 0, refuse });
}

/** A table or list that is read, and where it stands. */
interface Container {
  readonly value: object;
  /** What it is called, or its index, in the one it stands in. */
  readonly name: string | number;
  readonly outer: Container | undefined;
  /** How many it stands in. */
  readonly depth: number;
  readonly refuse: Refuse;
}

function readRecord(container: Container): Table {
  const table: Table = new Map();
  for (const [name, value] of Object.entries(container.value)) {
    if (value === undefined) continue;
    const key = toBinary(name);
    if (!name.isWellFormed()) throw refusal(container, name, `has a name that ${illFormed}`);
    if (key.length > 255) {
      throw refusal(container, name, `has a name of ${key.length} bytes; AMQP carries at most 255`);
    }
    table.set(key, fieldOf(value, name, container));
  }
  return table;
}

/** A value as the field that clients agree on: the smallest signed integer that holds it, else a double. */
function fieldOf(value: unknown, name: string | number, inside: Container): Field {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw refusal(inside, name, illFormed);
      return { type: "longstr", value: toBinary(value) };
    case "boolean":
      return { type: "bool", value };
    case "number":
      // RabbitMQ ends the connection over the others.
      if (Number.isFinite(value)) return numberField(value);
      throw refusal(inside, name, `is ${value}; RabbitMQ takes finite numbers only`);
    case "bigint":
      if (value >= int64Min && value <= int64Max) return { type: "long", value };
      throw refusal(inside, name, `is ${value}n; AMQP carries integers from ${int64Min}n to ${int64Max}n`);
    case "object":
      return value === null ? { type: "void", value: undefined } : objectField(value, name, inside);
  }
  throw refusal(inside, name, `is ${named(value)}; ${expected}`);
}

function numberField(value: number): Field {
  if (!Number.isInteger(value) || Object.is(value, -0) || value >= 2 ** 63 || value < -(2 ** 63)) {
    return { type: "double", value };
  }
  if (value < 2 ** 7 && value >= -(2 ** 7)) return { type: "byte", value };
  if (value < 2 ** 15 && value >= -(2 ** 15)) return { type: "short", value };
  if (value < 2 ** 31 && value >= -(2 ** 31)) return { type: "signedint", value };
  return { type: "long", value: BigInt(value) };
}

function objectField(value: object, name: string | number, inside: Container): Field {
  if (value instanceof Date) return dateField(value, name, inside);
  if (ArrayBuffer.isView(value)) return { type: "binary", value: fromBytes(value) };
  if (value instanceof ArrayBuffer) return { type: "binary", value: fromBytes(new Uint8Array(value)) };
  if (value instanceof Timestamp) return { type: "timestamp", value: value.seconds };
  if (value instanceof Decimal) {
    return { type: "decimal", value: { scale: value.places, digits: value.digits } };
  }
  const container = { value, name, outer: inside, depth: inside.depth + 1, refuse: inside.refuse };
  for (let outer: Container | undefined = inside; outer; outer = outer.outer) {
    if (outer.value === value) throw refusal(inside, name, "contains itself");
  }
  if (container.depth > MAX_DEPTH) {
    throw inside.refuse(`${pathOf(inside, name, 3)} is nested deeper than ${MAX_DEPTH}`);
  }
  if (Array.isArray(value)) {
    return { type: "array", value: Array.from(value, (item, i) => fieldOf(item, i, container)) };
  }
  if (!isPlain(value)) throw refusal(inside, name, `is ${named(value)}; ${expected}`);
  return { type: "table", value: readRecord(container) };
}

function dateField(value: Date, name: string | number, inside: Container): Field {
  const seconds = Math.floor(value.getTime() / 1000);
  if (Number.isNaN(seconds)) throw refusal(inside, name, "is an invalid Date");
  if (seconds < 0) throw refusal(inside, name, "is a time before 1970, which AMQP does not carry");
  return { type: "timestamp", value: BigInt(seconds) };
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const expected =
  "a header holds text, numbers, bigints, booleans, null, bytes, Dates, and lists and plain objects of those";
const illFormed = "is not well-formed text: it has half of a surrogate pair";

function named(value: unknown): string {
  if (typeof value !== "object" || value === null) return value == null ? `${value}` : `a ${typeof value}`;
  const { name } = value.constructor ?? {};
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "no plain object";
}

function refusal(inside: Container, name: string | number, what: string): Error {
  return inside.refuse(`${pathOf(inside, name)} ${what}`);
}

const maxSteps = 20;
const maxStep = 60;

/** Where a value stands, from the outside in: `headers.at.x`, `headers["x-tenant"][0]`. */
function pathOf(inside: Container, name: string | number, most = maxSteps): string {
  const steps = [step(name)];
  for (let at = inside; at.outer; at = at.outer) steps.unshift(step(at.name));
  return `headers${steps.slice(0, most).join("")}${steps.length > most ? "…" : ""}`;
}

function step(name: string | number): string {
  if (typeof name === "number") return `[${name}]`;
  if (/^[A-Za-z_$][\w$]*$/.test(name) && name.length <= maxStep) return `.${name}`;
  return `[${JSON.stringify(name.length > maxStep ? `${name.slice(0, maxStep)}…` : name)}]`;
}
