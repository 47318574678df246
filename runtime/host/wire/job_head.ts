import { Buffer } from "node:buffer";
import { HeaderTable } from "../../amqp/header_table.ts";
import type { Job } from "../../core/ports/host.ts";
import type { BareMessage } from "../../core/api/message.ts";

/** A message and its run, as the head of a `run` frame. The message's body is the frame's body. */
export type JobHead = readonly [
  id: string,
  exchange: string,
  routingKey: string,
  attempt: number,
  /** 1 if it was redelivered, plus twice its delivery mode (0 if the sender did not say). */
  flags: number,
  contentType: string | null,
  /** The bytes of the headers table, in base64; `0` for none, the most common case. */
  headers: string | 0,
  correlationId?: string | null,
  replyTo?: string | null,
  /** Milliseconds since 1970. */
  sent?: number | null,
  /** Properties that few messages have. */
  more?: Partial<Pick<BareMessage, typeof rare[number]>>,
];

/** What the process gets of a job. */
export type Told = Pick<Job, "message" | "headers" | "attempt">;

const rare = ["contentEncoding", "type", "appId", "userId", "priority", "expiration"] as const;

/** Encodes a message and its run for the process. */
export function jobHead({ message, headers: { bytes }, attempt }: Told): JobHead {
  const { id, exchange, routingKey, contentType = null } = message;
  const { correlationId = null, replyTo = null, timestamp } = message;
  const flags = (message.redelivered ? 1 : 0) | (message.deliveryMode ?? 0) << 1;
  const headers = bytes.length === 0 ? 0 : bytes.toBase64();
  const more = rareOf(message);
  if (correlationId === null && replyTo === null && timestamp === undefined && more === undefined) {
    return [id, exchange, routingKey, attempt, flags, contentType, headers];
  }
  const sent = timestamp === undefined ? null : timestamp.getTime();
  const head = [id, exchange, routingKey, attempt, flags, contentType, headers, correlationId, replyTo, sent];
  return (more === undefined ? head : [...head, more]) as unknown as JobHead;
}

/** Decodes a message and its run from a head and a body. */
export function readJobHead(head: JobHead, body: Uint8Array): Told {
  const [id, exchange, routingKey, attempt, flags, contentType, headers, correlationId, replyTo, sent] = head;
  const { contentEncoding, type, appId, userId, priority, expiration } = head[10] ?? {};
  const deliveryMode = flags >> 1;
  const table = new HeaderTable(headers === 0 ? HeaderTable.none.bytes : Buffer.from(headers, "base64"));
  return {
    attempt,
    headers: table,
    message: {
      id,
      body,
      exchange,
      routingKey,
      redelivered: (flags & 1) === 1,
      correlationId: correlationId ?? undefined,
      replyTo: replyTo ?? undefined,
      timestamp: typeof sent === "number" ? new Date(sent) : undefined,
      contentType: contentType ?? undefined,
      contentEncoding,
      type,
      appId,
      userId,
      priority,
      expiration,
      deliveryMode: deliveryMode === 1 || deliveryMode === 2 ? deliveryMode : undefined,
    },
  };
}

function rareOf(message: BareMessage): JobHead[10] {
  let some: Record<string, unknown> | undefined;
  for (const name of rare) if (message[name] !== undefined) (some ??= {})[name] = message[name];
  return some;
}
