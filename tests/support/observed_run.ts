import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import { bareMessage } from "./message.ts";
import type { ObservedRun } from "../../runtime/core/ports/observed_run.ts";

/** A run as observers see it, with what a test says of it. */
export function observedRun(
  { message, ...run }: Partial<Omit<ObservedRun, "message">> & { message?: Partial<ObservedRun["message"]> },
): ObservedRun {
  const id = run.id ?? "r-1";
  return {
    id,
    message: bareMessage(message),
    headers: HeaderTable.none,
    queue: "queue",
    attempt: 1,
    arrivedAt: performance.now(),
    traceId: undefined,
    toJSON: () => id,
    ...run,
  };
}
