import { AmqpError } from "./errors.ts";
import { type Field, sameField, type Table } from "../amqp/table.ts";

/** Throws 406 where a second declaration differs from the first. `subject` is `queue 'q' in vhost '/'`. */
export function assertSame(property: string, subject: string, received: unknown, current: unknown): void {
  if (received === current) return;
  throw inequivalent(property, subject, `'${received}'`, `'${current}'`);
}

/** The same for the named arguments. Integers of different types are the same if their values are. */
export function assertSameArguments(
  subject: string,
  received: Table,
  current: Table,
  names: readonly string[],
): void {
  for (const name of names) {
    const a = received.get(name), b = current.get(name);
    if (a === b || (a && b && sameField(a, b))) continue;
    if (a && b) throw inequivalent(name, subject, `'${print(a)}'`, `'${print(b)}'`);
    throw inequivalent(name, subject, describe(a), describe(b));
  }
}

function inequivalent(name: string, subject: string, received: string, current: string): AmqpError {
  return new AmqpError(
    "precondition_failed",
    `inequivalent arg '${name}' for ${subject}: received ${received} but current is ${current}`,
  );
}

function describe(field: Field | undefined): string {
  return field ? `the value '${print(field)}' of type '${field.type}'` : "none";
}

function print(field: Field): string {
  return typeof field.value === "object" ? JSON.stringify(field.value) : String(field.value);
}
