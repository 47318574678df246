import { type Field, MAX_DEPTH, type Table } from "./table.ts";
import { fromBytes, toBinary, toBytes, toLenientText, toText } from "./text.ts";

/*
 * Header values in JavaScript. A whole number is a number, or a bigint above 2^53. A long string is text, or bytes if it
 * is not UTF-8. A timestamp is a Date. `Decimal` and `Timestamp` are for values that JavaScript has no type for.
 */

/** A decimal fraction: the last `places` of its `digits` come after the point. */
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

/** A time that is too late for a Date, in seconds since 1970. */
export class Timestamp {
  constructor(readonly seconds: bigint) {}

  toString(): string {
    return `${this.seconds}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Makes the error for a value that no header can hold. */
export type Refuse = (message: string) => Error;

const lastSecondOfDate = 8_640_000_000_000n;
const [int64Min, int64Max] = [-(2n ** 63n), 2n ** 63n - 1n];

/** The JavaScript value of a field. */
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
 * Converts headers to a table; a header that is `undefined` is left out. For a value that no header can hold, throws
 * `refuse(message)`, with a message such as `headers.at.x is a function; …`.
 */
export function tableOf(headers: Readonly<Record<string, unknown>>, refuse: Refuse): Table {
  if (typeof headers !== "object" || headers === null || !isPlain(headers)) {
    throw refuse(`headers is ${named(headers)}; expected an object with a value for each name`);
  }
  return readRecord({ value: headers, name: "headers", outer: undefined, depth: 0, refuse });
}

/** An object or list that is being converted, and where it is. */
interface Container {
  readonly value: object;
  /** Its name or index in `outer`. */
  readonly name: string | number;
  readonly outer: Container | undefined;
  /** How deep it is nested. */
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

/** Converts a value to the type that clients agree on. A number is the smallest signed integer, or else a double. */
function fieldOf(value: unknown, name: string | number, inside: Container): Field {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw refusal(inside, name, illFormed);
      return { type: "longstr", value: toBinary(value) };
    case "boolean":
      return { type: "bool", value };
    case "number":
      // RabbitMQ ends the connection for NaN and infinite numbers.
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
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "not a plain object";
}

function refusal(inside: Container, name: string | number, what: string): Error {
  return inside.refuse(`${pathOf(inside, name)} ${what}`);
}

const maxSteps = 20;
const maxStep = 60;

/** The path of a value: `headers.at.x`, `headers["x-tenant"][0]`. */
function pathOf(inside: Container, name: string | number, max = maxSteps): string {
  const steps = [step(name)];
  for (let at = inside; at.outer; at = at.outer) steps.unshift(step(at.name));
  return `headers${steps.slice(0, max).join("")}${steps.length > max ? "…" : ""}`;
}

function step(name: string | number): string {
  if (typeof name === "number") return `[${name}]`;
  if (/^[A-Za-z_$][\w$]*$/.test(name) && name.length <= maxStep) return `.${name}`;
  return `[${JSON.stringify(name.length > maxStep ? `${name.slice(0, maxStep)}…` : name)}]`;
}
