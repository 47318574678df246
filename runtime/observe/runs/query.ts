import { setImmediate } from "node:timers/promises";
import type { RunStatus } from "../api/views.ts";
import type { RunRecord } from "./record.ts";

/** Which runs are asked for. */
export interface RunQuery {
  readonly function?: string;
  readonly status?: readonly RunStatus[];
  /** Delivered at this time or later, in milliseconds since 1970. */
  readonly since?: number;
  /** Text in the run's or the message's id, the error, the key, the payload or a log line, in any case. */
  readonly search?: string;
  /** Continue after the run with this id. */
  readonly cursor?: string;
  readonly limit: number;
}

/** Some runs, and the cursor of the next ones. */
export interface RunPage {
  readonly runs: readonly RunRecord[];
  readonly next?: string;
}

/** Milliseconds of searching after which other work gets its turn: payloads may be 64 MiB together. */
const turnMs = 4;

/**
 * Selects from `records`, which are the latest first. `trusted` readers also search payloads and log lines. A cursor of
 * a run that is no longer kept continues nothing: all runs before it are gone too.
 */
export async function select(
  records: readonly RunRecord[],
  query: RunQuery,
  trusted: boolean,
): Promise<RunPage> {
  const { cursor, limit } = query;
  const start = cursor === undefined ? 0 : records.findIndex(({ id }) => id === cursor) + 1;
  if (cursor !== undefined && start === 0) return { runs: [] };
  const matches = matcher(query, trusted);
  const runs: RunRecord[] = [];
  let turnEnds = performance.now() + turnMs;
  for (let index = start; index < records.length; index++) {
    if (performance.now() > turnEnds) {
      await setImmediate();
      turnEnds = performance.now() + turnMs;
    }
    const record = records[index]!;
    if (!matches(record)) continue;
    if (runs.length === limit) return { runs, next: runs.at(-1)!.id };
    runs.push(record);
  }
  return { runs };
}

function matcher(query: RunQuery, trusted: boolean): (record: RunRecord) => boolean {
  const { function: name, status, since, search } = query;
  const wanted = search === undefined || search === "" ? undefined : search.toLowerCase();
  return (record) =>
    (name === undefined || record.function === name) &&
    (status === undefined || status.includes(record.status)) &&
    (since === undefined || record.queuedAt >= since) &&
    (wanted === undefined || holds(record, wanted, trusted));
}

const decoder = new TextDecoder();

function holds(record: RunRecord, text: string, trusted: boolean): boolean {
  const { id, messageId, function: name, routingKey, exchange, error = "", traceId = "" } = record;
  const plain = [id, messageId, name, routingKey, exchange, error, traceId];
  if (plain.some((part) => part.toLowerCase().includes(text))) return true;
  if (!trusted) return false;
  if (record.lines.some(({ message, data = "" }) => `${message} ${data}`.toLowerCase().includes(text))) {
    return true;
  }
  return record.message !== undefined && decoder.decode(record.message.body).toLowerCase().includes(text);
}
