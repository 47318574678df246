import { Buffer } from "node:buffer";
import { HeaderTable } from "../../amqp/header_table.ts";
import { maxKept, type RunRecord } from "../runs/record.ts";
import { payloadOf } from "./payload.ts";
import type { LineView, RunDetail, RunSummary } from "./views.ts";

/** A run in a list. */
export function runSummary(record: RunRecord): RunSummary {
  const { id, function: name, status, messageId, attempt, exchange, routingKey, queue, traceId, error } =
    record;
  const { queuedAt, startedAt, endedAt } = record;
  return {
    id,
    function: name,
    status,
    messageId,
    attempt,
    exchange,
    routingKey,
    queue,
    queued: time(queuedAt),
    ...startedAt === undefined ? {} : { started: time(startedAt) },
    ...endedAt === undefined ? {} : { ended: time(endedAt) },
    ...startedAt === undefined || endedAt === undefined ? {} : { ms: endedAt - startedAt },
    ...error === undefined ? {} : { error: error.split("\n", 1)[0]! },
    ...traceId === undefined ? {} : { traceId },
  };
}

/** A run with all that is kept of it; without payload, headers and the data of its lines for those without the token. */
export async function runDetail(
  record: RunRecord,
  attempts: readonly RunRecord[],
  trusted: boolean,
): Promise<RunDetail> {
  const { stack, thrownAt, deadLetterQueue, lines, linesLost, properties } = record;
  return {
    ...runSummary(record),
    ...trusted ? await messageOf(record) : { hidden: true as const },
    ...trusted ? { properties } : {},
    ...stack === undefined || !trusted ? {} : { stack },
    ...thrownAt === undefined ? {} : { at: thrownAt },
    ...deadLetterQueue === undefined ? {} : { deadLetterQueue },
    lines: trusted ? lines.map(lineView) : [],
    linesLost,
    attempts: attempts.map(runSummary),
  };
}

/** A line of a run. */
export function lineView({ at, level, message, data }: RunRecord["lines"][number]): LineView {
  return { time: time(at), level, message, ...data === undefined ? {} : { data: JSON.parse(data) } };
}

async function messageOf(
  { message, properties, status }: RunRecord,
): Promise<Pick<RunDetail, "payload" | "payloadNotKept" | "headers">> {
  if (message === undefined) {
    return {
      payloadNotKept: status === "running"
        ? "the run has not ended yet"
        : "keepPayloads in deploy.config.ts says that it is not kept",
    };
  }
  const payload = await payloadOf({
    body: message.body,
    size: message.size,
    contentType: textOf(properties.contentType),
    contentEncoding: textOf(properties.contentEncoding),
  });
  const headers = message.headers === undefined
    ? { "…": `more than ${maxKept} bytes of headers, which are not kept` }
    : headersOf(message.headers);
  return { payload, headers };
}

/** Decoded headers, with bytes as base64 and large numbers as text, as JSON can hold them. */
export function headersOf(bytes: Uint8Array): Record<string, unknown> {
  return jsonSafe(new HeaderTable(Buffer.from(bytes)).values) as Record<string, unknown>;
}

/** Any value that AMQP can hold, as JSON can. */
export function jsonSafe(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key, part) {
      if (typeof part === "bigint") return String(part);
      // What is given here of a buffer is its own idea of JSON.
      const whole = this[key];
      return whole instanceof Uint8Array ? whole.toBase64() : part;
    }) ?? "null",
  );
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
