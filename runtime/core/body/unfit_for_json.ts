import { bytesIn } from "./bytes_in.ts";
import { shown } from "../text/shown.ts";

/** What JSON would change or lose. */
export interface Unfit {
  /** Where it is in the value, as `.items[3]`; empty for the value itself. */
  readonly path: string;
  /** What it is, as `a Map`. */
  readonly what: string;
  /** What to write in its place. */
  readonly instead: string;
}

/** Lists and objects in one another; past this nobody could walk a value without exhausting the stack. */
export const maxDepth = 1000;

/**
 * The first part of a value that JSON would change or lose; nothing where it holds all. As JSON has it, a property that
 * is `undefined` is left out, and what has a `toJSON` (a date, a URL) is what that gives.
 */
export function unfitForJson(value: unknown): Unfit | undefined {
  const fault = faultIn(value, 0);
  if (fault === undefined) return undefined;
  const [what, instead] = fault.about;
  const steps = fault.steps.toReversed();
  const path = steps.length <= maxSteps ? steps : [...steps.slice(0, maxSteps), "…"];
  return { path: path.join(""), what, instead };
}

// A path says where to look; that of a circle would go on for ever.
const maxSteps = 20;

/** `steps` lead to it, the last one first. */
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
      // A program may have given it one.
      return hasToJson(value) ? faultIn(value.toJSON(), depth + 1) : fault(bigint);
    case "function":
      return fault(aFunction);
    case "symbol":
      return fault(symbol);
  }
}

const bigint: About = ["a bigint", "write String(value), or Number(value) if it is small"];
const aFunction: About = ["a function", "write what it gives"];
const symbol: About = ["a symbol", "write its description"];
const tooDeep: About = [`nested deeper than ${maxDepth}, or in a circle`, "write it flatter"];

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

/** Whether JSON holds what the object is: it has no class, but for one of another realm that only `Object` can be. */
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
