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
  timestamp?: number | null,
];

/** What the process needs to know of a message. Throws `TooDeep` for headers that cannot be walked. */
export function jobHead(message: Message, attempt: number): JobHead {
  const { id, exchange, routingKey, redelivered, contentType, headers } = message;
  const { correlationId, replyTo, timestamp } = message;
  const head = [
    id,
    exchange,
    routingKey,
    attempt,
    redelivered ? 1 : 0,
    contentType ?? null,
    packHeaders(headers),
  ] as const;
  if (correlationId === undefined && replyTo === undefined && timestamp === undefined) return head;
  return [...head, correlationId ?? null, replyTo ?? null, timestamp?.getTime() ?? null];
}

/** The message that a head and a body make. */
export function readJobHead(head: JobHead, body: Uint8Array): { message: Message; attempt: number } {
  const [id, exchange, routingKey, attempt, redelivered, contentType, headers] = head;
  const [correlationId, replyTo, timestamp] = head.slice(7) as [string?, string?, number?];
  return {
    attempt,
    message: {
      id,
      body,
      // Without a prototype, as the link makes them: whatever a sender calls a header.
      headers: Object.assign(Object.create(null), headers === 0 ? {} : unpack(headers)),
      exchange,
      routingKey,
      redelivered: redelivered === 1,
      correlationId: correlationId ?? undefined,
      replyTo: replyTo ?? undefined,
      timestamp: timestamp === undefined || timestamp === null ? undefined : new Date(timestamp),
      contentType: contentType ?? undefined,
    },
  };
}

function packHeaders(headers: Readonly<Record<string, unknown>>): unknown {
  for (const _ in headers) return pack(headers);
  return 0;
}
