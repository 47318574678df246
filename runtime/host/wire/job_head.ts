import type { Message } from "../../core/message.ts";
import { pack, unpack } from "../../core/packed.ts";

/** A message and its run, as the head of a `run` frame; the body stands beside it. */
export type JobHead = readonly [
  id: string,
  exchange: string,
  routingKey: string,
  attempt: number,
  /** Whether it was redelivered (1) and its delivery mode (2 or 4; 0 where the sender said none). */
  flags: number,
  contentType: string | null,
  /** Packed; `0` for none, as most messages have. */
  headers: unknown,
  correlationId?: string | null,
  replyTo?: string | null,
  /** Milliseconds since the epoch. */
  sent?: number | null,
  /** What few messages have. */
  more?: Partial<Pick<Message, typeof rare[number]>>,
];

const rare = ["contentEncoding", "type", "appId", "userId", "priority", "expiration"] as const;

/** What the process needs to know of a message. Throws `TooDeep` for headers that cannot be walked. */
export function jobHead(message: Message, attempt: number): JobHead {
  const { id, exchange, routingKey, contentType = null, headers } = message;
  const { correlationId = null, replyTo = null, timestamp } = message;
  const flags = (message.redelivered ? 1 : 0) | (message.deliveryMode ?? 0) << 1;
  const packed = packHeaders(headers);
  const more = rareOf(message);
  if (correlationId === null && replyTo === null && timestamp === undefined && more === undefined) {
    return [id, exchange, routingKey, attempt, flags, contentType, packed];
  }
  const sent = timestamp === undefined ? null : timestamp.getTime();
  const head = [id, exchange, routingKey, attempt, flags, contentType, packed, correlationId, replyTo, sent];
  return (more === undefined ? head : [...head, more]) as unknown as JobHead;
}

/** The message that a head and a body make. */
export function readJobHead(head: JobHead, body: Uint8Array): { message: Message; attempt: number } {
  const [id, exchange, routingKey, attempt, flags, contentType, headers, correlationId, replyTo, sent] = head;
  const { contentEncoding, type, appId, userId, priority, expiration } = head[10] ?? {};
  const deliveryMode = flags >> 1;
  return {
    attempt,
    message: {
      id,
      body,
      // Without a prototype, as the link makes them: whatever a sender calls a header.
      headers: headers === 0 ? Object.create(null) : Object.assign(Object.create(null), unpack(headers)),
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

function rareOf(message: Message): JobHead[10] {
  let some: Record<string, unknown> | undefined;
  for (const name of rare) if (message[name] !== undefined) (some ??= {})[name] = message[name];
  return some;
}

function packHeaders(headers: Readonly<Record<string, unknown>>): unknown {
  for (const _ in headers) return pack(headers);
  return 0;
}
