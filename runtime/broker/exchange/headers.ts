import { AmqpError } from "../errors.ts";
import { type Field, sameField, sameNumber, type Table } from "../../amqp/table.ts";
import type { Router, Rule } from "./router.ts";

type Match = "all" | "any" | "all-with-x" | "any-with-x";
const allowedMatches: readonly string[] = ["all", "any", "all-with-x", "any-with-x"];

type Matcher = (headers: Table) => boolean;

/** Routes to the bindings whose arguments the message's headers match. */
export function headersRouter<Destination>(): Router<Destination> {
  const matchers = new Map<Rule<Destination>, Matcher>();
  return {
    add: (rule) => void matchers.set(rule, compile(rule.args, rule.integersMatchFloats)),
    remove: (rule) => void matchers.delete(rule),
    route(message, found) {
      if (matchers.size === 0) return;
      const headers = message.headers();
      for (const [{ destination }, matches] of matchers) {
        if (matches(headers)) found(destination);
      }
    },
  };
}

/** Throws 406 for binding arguments whose `x-match` is none of the four. */
export function checkMatch(args: Table): void {
  const match = args.get("x-match");
  if (!match) return;
  if (match.type !== "longstr") {
    throw new AmqpError(
      "precondition_failed",
      `Invalid x-match field type ${match.type} (value ${String(match.value)}); expected longstr`,
    );
  }
  if (allowedMatches.includes(match.value)) return;
  throw new AmqpError(
    "precondition_failed",
    `Invalid x-match field value <<"${match.value}">>; expected all, any, all-with-x, or any-with-x`,
  );
}

/** Numbers of any width are compared by value, and integers with floats only where that is asked for. */
function sameValue(a: Field, b: Field, integersMatchFloats: boolean): boolean {
  const [x, y] = [numberIn(a), numberIn(b)];
  if (x === undefined || y === undefined) return sameField(a, b);
  return (integersMatchFloats || isFloat(a) === isFloat(b)) && sameNumber(x, y);
}

function isFloat({ type }: Field): boolean {
  return type === "float" || type === "double";
}

function numberIn({ type, value }: Field): number | bigint | undefined {
  return type !== "timestamp" && (typeof value === "number" || typeof value === "bigint") ? value : undefined;
}

/** Without pairs `all` matches every message and `any` none, which is how `every` and `some` treat an empty list. */
export function compile(args: Table, integersMatchFloats: boolean): Matcher {
  const match = (args.get("x-match")?.value ?? "all") as Match;
  const withX = match.endsWith("-with-x");
  const pairs = [...args].filter(([name]) => name !== "x-match" && (withX || !name.startsWith("x-")));
  const holds = (headers: Table) => ([name, wanted]: [string, Field]) => {
    const field = headers.get(name);
    return field !== undefined && (wanted.type === "void" || sameValue(wanted, field, integersMatchFloats));
  };
  return match.startsWith("all")
    ? (headers) => pairs.every(holds(headers))
    : (headers) => pairs.some(holds(headers));
}
