import { bytesIn } from "./bytes_in.ts";
import { shown } from "../text/shown.ts";

/** A part of a value that JSON would change or lose. */
export interface Unfit {
  /** Where it is in the value, such as `.items[3]`; empty for the value itself. */
  readonly path: string;
  /** What it is, such as `a Map`. */
  readonly what: string;
  /** What to write instead. */
  readonly instead: string;
}

/** How deep lists and objects may be nested. Deeper values would exhaust the stack. */
export const maxDepth = 1000;

/**
 * The first part of a value that JSON would change or lose; `undefined` if there is none. Two things are fine, as in
 * JSON itself: a property that is `undefined` is left out, and an object with `toJSON` (a date, a URL) becomes its result.
 */
export function unfitForJson(value: unknown): Unfit | undefined {
  const fault = faultIn(value, 0);
  if (fault === undefined) return undefined;
  const [what, instead] = fault.about;
  const steps = fault.steps.toReversed();
  const path = steps.length <= maxSteps ? steps : [...steps.slice(0, maxSteps), "…"];
  return { path: path.join(""), what, instead };
}

// The path is only there to find the place; in a circular value it would be endless.
const maxSteps = 20;

/** `steps` is the path to it, the last step first. */
interface Fault {
  readonly about: About;
  readonly steps: string[];
}

type About = readonly [what: string, instead: string];

function faultIn(value: unknown, depth: number): Fault | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : fault([`${value}`, "write null or text in its place"]);
    case "object":
      return value === null ? undefined : faultInObject(value, depth);
    case "bigint":
      // A program may have added `toJSON` to BigInt.
      return hasToJson(value) ? faultIn(value.toJSON(), depth + 1) : fault(bigint);
    case "function":
      return fault(aFunction);
    case "symbol":
      return fault(symbol);
  }
}

const bigint: About = ["a bigint", "write String(value), or Number(value) if it is small"];
const aFunction: About = ["a function", "write its result"];
const symbol: About = ["a symbol", "write its description"];
const tooDeep: About = [`nested deeper than ${maxDepth}, or circular`, "write it flatter"];

function faultInObject(value: object, depth: number): Fault | undefined {
  if (depth >= maxDepth) return fault(tooDeep);
  if (Array.isArray(value)) return faultInList(value, depth);
  if (!isPlain(value)) return faultInInstance(value, depth);
  for (const key in value) {
    const found = faultIn((value as Record<string, unknown>)[key], depth + 1);
    if (found === undefined) continue;
    if (hasToJson(value)) return faultIn(value.toJSON(), depth + 1);
    found.steps.push(/^[\p{L}_$][\p{L}\d_$]*$/u.test(key) ? `.${key}` : `[${shown(key)}]`);
    return found;
  }
  return undefined;
}

function faultInList(list: readonly unknown[], depth: number): Fault | undefined {
  for (let i = 0; i < list.length; i++) {
    const found = faultIn(list[i], depth + 1);
    if (found === undefined) continue;
    found.steps.push(`[${i}]`);
    return found;
  }
  return undefined;
}

/** Whether the object is plain: it has no class, or the class `Object`, also that of another realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function faultInInstance(value: object, depth: number): Fault | undefined {
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    return fault(["an invalid Date", "write null or text in its place"]);
  }
  if (bytesIn(value) !== undefined) return fault(["bytes", "send them alone, or as text: value.toBase64()"]);
  if (hasToJson(value)) return faultIn(value.toJSON(), depth + 1);
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return undefined;
  return fault(aboutInstance(value));
}

function aboutInstance(value: object): About {
  const what = kindOf(value);
  if (value instanceof Map) return [what, "write Object.fromEntries(value), or [...value]"];
  if (value instanceof Set) return [what, "write [...value]"];
  if (value instanceof Error) return [what, "write its message, or throw it"];
  if (value instanceof Blob || value instanceof ReadableStream) return [what, "send it alone, as bytes"];
  if (value instanceof Response || value instanceof Request) {
    return [what, "write what is in it: await value.json(), .text() or .bytes()"];
  }
  if (value instanceof Headers || value instanceof FormData || value instanceof URLSearchParams) {
    return [what, "write Object.fromEntries(value)"];
  }
  if (isFunction(value, "then")) return [what, "await it"];
  if (Symbol.asyncIterator in value) return [what, "write await Array.fromAsync(value)"];
  if (Symbol.iterator in value) return [what, "write [...value]"];
  return [what, "write a plain object, as { ...value }, or give its class a toJSON()"];
}

function kindOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  const name = tag === "Object" ? value.constructor?.name || "class" : tag;
  return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}`;
}

function hasToJson(value: object | bigint): value is { toJSON(): unknown } & typeof value {
  return isFunction(Object(value), "toJSON");
}

function isFunction(value: object, name: string): boolean {
  return typeof (value as Record<string, unknown>)[name] === "function";
}

function fault(about: About): Fault {
  return { about, steps: [] };
}
