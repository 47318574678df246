import { AmqpError } from "../errors.ts";
import type { Table } from "../../amqp/table.ts";

/** The further routing keys of the CC and BCC headers. Nobody may see the latter, so that header is taken out. */
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
