import { AmqpError } from "../errors.ts";
import type { Table } from "../../amqp/table.ts";

/** The additional routing keys in the headers CC and BCC. No receiver may see BCC, so that header is removed. */
export function takeCopies(headers: Table): string[] {
  const keys = [...keysIn(headers, "CC"), ...keysIn(headers, "BCC")];
  headers.delete("BCC");
  return keys;
}

function keysIn(headers: Table, name: "CC" | "BCC"): string[] {
  const field = headers.get(name);
  if (!field) return [];
  if (field.type !== "array") {
    throw new AmqpError(
      "precondition_failed",
      `invalid message: {unacceptable_type_in_header,"${name}",${field.type}}`,
    );
  }
  return field.value.flatMap((item) => item.type === "longstr" ? [item.value] : []);
}
