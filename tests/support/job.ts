/** A job for a host, without a broker. */

import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import type { Job } from "../../runtime/core/ports/host.ts";
import { bareMessage } from "./message.ts";

/** The first run of a message with this body. Its log lines and settlements are ignored. */
export function job(body: string | Uint8Array, more: Partial<Job> = {}): Job {
  return {
    message: bareMessage({ body: typeof body === "string" ? new TextEncoder().encode(body) : body }),
    headers: HeaderTable.none,
    attempt: 1,
    callerUntil: Infinity,
    caller: {} as Job["caller"],
    log: () => {},
    settle: () => {},
    ...more,
  };
}
