import { type Field, isInteger } from "../../amqp/table.ts";
import { maxAgeMs } from "./arguments.ts";

/** Where a consumer of a stream begins. */
export type StreamStart =
  /** The first message that is there, the last one, or the next that is published. */
  | "first"
  | "last"
  | "next"
  /** The message with this offset, or the first after it. */
  | { readonly offset: number }
  /** The first message that was published at this time or later, in milliseconds since 1970. */
  | { readonly time: number };

/** Where the argument `x-stream-offset` says that a consumer begins; undefined if nobody can tell. */
export function streamStart(field: Field | undefined): StreamStart | undefined {
  if (field === undefined) return "next";
  if (field.type === "timestamp") return { time: Number(field.value) * 1000 };
  if (isInteger(field)) return { offset: Math.max(0, Number(field.value)) };
  if (field.type !== "longstr") return undefined;
  const { value } = field;
  if (value === "first" || value === "last" || value === "next") return value;
  const age = maxAgeMs(value);
  return age === undefined ? undefined : { time: Date.now() - age };
}
