import { Buffer } from "node:buffer";
import { HeaderTable } from "../../amqp/header_table.ts";
import type { Job } from "../../core/host.ts";

/** A message and its run, as the head of a `run` frame; the body stands beside it. */
export type JobHead = readonly [
  id: string,
  exchange: string,
  routingKey: string,
  attempt: number,
  redelivered: 0 | 1,
  contentType: string | null,
  /** The entries of a table of AMQP, in base64; `0` for none, as most messages have. */
  headers: string | 0,
  correlationId?: string | null,
  replyTo?: string | null,
  /** Milliseconds since the epoch. */
  sent?: number | null,
];

/** What the process is told of a job. */
export type Told = Pick<Job, "message" | "headers" | "attempt">;

/** What the process needs to know of a message. */
export function jobHead({ message, headers: { bytes }, attempt }: Told): JobHead {
  const { id, exchange, routingKey, contentType = null } = message;
  const { correlationId = null, replyTo = null, timestamp } = message;
  const redelivered = message.redelivered ? 1 : 0;
  const headers = bytes.length === 0 ? 0 : bytes.toBase64();
  if (correlationId === null && replyTo === null && timestamp === undefined) {
    return [id, exchange, routingKey, attempt, redelivered, contentType, headers];
  }
  const sent = timestamp === undefined ? null : timestamp.getTime();
  return [id, exchange, routingKey, attempt, redelivered, contentType, headers, correlationId, replyTo, sent];
}

/** The message that a head and a body make. */
export function readJobHead(head: JobHead, body: Uint8Array): Told {
  const [id, exchange, routingKey, attempt, redelivered, contentType, headers, correlationId, replyTo, sent] =
    head;
  const table = new HeaderTable(headers === 0 ? HeaderTable.none.bytes : Buffer.from(headers, "base64"));
  return {
    attempt,
    headers: table,
    message: {
      id,
      body,
      exchange,
      routingKey,
      redelivered: redelivered === 1,
      correlationId: correlationId ?? undefined,
      replyTo: replyTo ?? undefined,
      timestamp: typeof sent === "number" ? new Date(sent) : undefined,
      contentType: contentType ?? undefined,
    },
  };
}
