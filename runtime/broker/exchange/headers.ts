import { AmqpError } from "../errors.ts";
import { type Field, sameField, sameNumber, type Table } from "../../amqp/table.ts";
import type { Binding, Router } from "./exchange.ts";

type Match = "all" | "any" | "all-with-x" | "any-with-x";
const MATCHES: readonly string[] = ["all", "any", "all-with-x", "any-with-x"];

type Matcher = (headers: Table) => boolean;

/** Routes to the bindings whose arguments the message's headers match. */
export function headersRouter(): Router {
  const matchers = new Map<Binding, Matcher>();
  return {
    add: (binding) => void matchers.set(binding, compile(binding.args)),
    remove: (binding) => void matchers.delete(binding),
    route(message, found) {
      if (matchers.size === 0) return;
      const headers = message.headers();
      for (const [binding, matches] of matchers) {
        if (matches(headers)) found(binding.destination);
      }
    },
  };
}

/** Refuses binding arguments whose x-match is none of the four. */
export function checkMatch(args: Table): void {
  const match = args.get("x-match");
  if (!match) return;
  if (match.type !== "longstr") {
    throw new AmqpError(
      "precondition_failed",
      `Invalid x-match field type ${match.type} (value ${String(match.value)}); expected longstr`,
    );
  }
  if (MATCHES.includes(match.value)) return;
  throw new AmqpError(
    "precondition_failed",
    `Invalid x-match field value <<"${match.value}">>; expected all, any, all-with-x, or any-with-x`,
  );
}

/** 1 and 1.0 are the same to a headers exchange. */
function sameValue(a: Field, b: Field): boolean {
  const [x, y] = [numberIn(a), numberIn(b)];
  return x !== undefined && y !== undefined ? sameNumber(x, y) : sameField(a, b);
}

function numberIn({ type, value }: Field): number | bigint | undefined {
  return type !== "timestamp" && (typeof value === "number" || typeof value === "bigint") ? value : undefined;
}

/** No pairs: `all` then holds for every message and `any` for none, which is what every and some say. */
export function compile(args: Table): Matcher {
  const match = (args.get("x-match")?.value ?? "all") as Match;
  const withX = match.endsWith("-with-x");
  const pairs = [...args].filter(([name]) => name !== "x-match" && (withX || !name.startsWith("x-")));
  const holds = (headers: Table) => ([name, wanted]: [string, Field]) => {
    const field = headers.get(name);
    return field !== undefined && (wanted.type === "void" || sameValue(wanted, field));
  };
  return match.startsWith("all")
    ? (headers) => pairs.every(holds(headers))
    : (headers) => pairs.some(holds(headers));
}
