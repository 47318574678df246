import { Decimal, Timestamp } from "../../amqp/values.ts";
import type { Job } from "../../core/ports/host.ts";
import type { Message } from "../../core/api/message.ts";

/**
 * The message that a handler gets. Its parts are copied when the handler reads them, because the handler may change them,
 * and the message must stay unchanged to be moved, and to be recognised when it comes again.
 */
export function ownMessage({ message, headers: { values } }: Pick<Job, "message" | "headers">): Message {
  let body: Uint8Array | undefined;
  let headers: Record<string, unknown> | undefined;
  const { timestamp } = message;
  return {
    ...message,
    timestamp: timestamp && new Date(timestamp),
    get body() {
      return body ??= new Uint8Array(message.body);
    },
    get headers() {
      return headers ??= Object.assign(Object.create(null), copyOf(values));
    },
  };
}

/** A deep copy of a header. */
function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Date) return new Date(value);
  if (Array.isArray(value)) return value.map(copyOf);
  // These two cannot be changed.
  if (value instanceof Decimal || value instanceof Timestamp) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item)]));
}
