import type { Headers } from "../../core/ports/headers.ts";
import { filterValueHeader } from "../../core/ports/stream_filter.ts";

/*
 * RabbitMQ 4 leaves out parts of a stream that have none of the values for certain, and sends the rest. Others ignore the
 * argument and send everything. So each message is looked at here as well.
 */

/** What the broker is told when it is asked to leave out what is not wanted. */
export function filterArguments(filter: readonly string[] | undefined): Record<string, unknown> {
  return filter === undefined ? {} : { "x-stream-filter": filter };
}

/** Whether a message has one of the values. */
export function isWanted(headers: Headers, filter: readonly string[] | undefined): boolean {
  if (filter === undefined) return true;
  const value = headers.get(filterValueHeader);
  return typeof value === "string" && filter.includes(value);
}
