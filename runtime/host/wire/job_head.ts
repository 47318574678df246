import type { Message } from "../../core/message.ts";
import { pack, unpack } from "../../core/packed.ts";

/** A message and its run, as the head of a `run` frame; the body stands beside it. */
export type JobHead = readonly [
  id: string,
  exchange: string,
  routingKey: string,
  attempt: number,
  redelivered: 0 | 1,
  contentType: string | null,
  /** Packed; `0` for none, as most messages have. */
  headers: unknown,
  correlationId?: string | null,
  replyTo?: string | null,
  /** Milliseconds since the epoch. */
  sent?: number | null,
];

/** What the process needs to know of a message. Throws `TooDeep` for headers that cannot be walked. */
export function jobHead(message: Message, attempt: number): JobHead {
  const { id, exchange, routingKey, contentType = null, headers } = message;
  const { correlationId = null, replyTo = null, timestamp } = message;
  const redelivered = message.redelivered ? 1 : 0;
  const packed = packHeaders(headers);
  if (correlationId === null && replyTo === null && timestamp === undefined) {
    return [id, exchange, routingKey, attempt, redelivered, contentType, packed];
  }
  const sent = timestamp === undefined ? null : timestamp.getTime();
  return [id, exchange, routingKey, attempt, redelivered, contentType, packed, correlationId, replyTo, sent];
}

/** The message that a head and a body make. */
export function readJobHead(head: JobHead, body: Uint8Array): { message: Message; attempt: number } {
  const [id, exchange, routingKey, attempt, redelivered, contentType, headers, correlationId, replyTo, sent] =
    head;
  return {
    attempt,
    message: {
      id,
      body,
      // Without a prototype, as the link makes them: whatever a sender calls a header.
      headers: headers === 0 ? Object.create(null) : Object.assign(Object.create(null), unpack(headers)),
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

function packHeaders(headers: Readonly<Record<string, unknown>>): unknown {
  for (const _ in headers) return pack(headers);
  return 0;
}
