import { AmqpError } from "../errors.ts";
import { decodeProperties, encodeProperties, type Traits } from "../protocol/properties.ts";
import type { Table } from "../protocol/table.ts";
import { type Origin, originOf } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";

export interface Addressed {
  readonly origin: Origin;
  readonly traits: Traits;
  readonly queues: readonly Queue[];
}

/** Adds the routing keys of the CC and BCC headers; nobody may see the latter, so it is taken out. */
export function addressed(origin: Origin, traits: Traits): Pick<Addressed, "origin" | "traits"> {
  const properties = decodeProperties(traits);
  const headers: Table = new Map(properties.headers);
  const copies = [...keysIn(headers, "CC"), ...keysIn(headers, "BCC")];
  const seen = headers.delete("BCC") ? encodeProperties({ ...properties, headers }) : traits;
  return { origin: originOf(origin.exchange, origin.key, copies), traits: seen };
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
