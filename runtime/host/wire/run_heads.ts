import { Buffer } from "node:buffer";
import { HeaderTable } from "../../amqp/header_table.ts";
import type { Job } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import type { BareMessage } from "../../core/api/message.ts";
import type { TraceContext } from "../../core/ports/trace.ts";
import { asErrorCopy, copyError, reviveError } from "./error_copy.ts";

/*
 * What a run is on the wire: the `run` frame that starts it carries a message to the function's process, and the `ended`
 * frame brings its outcome back. A frame has a head, which is JSON, and a body, which is bytes.
 */

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
  /** Properties that few messages have, and the run's span. */
  more?: Partial<Pick<BareMessage, typeof rare[number]>> & { readonly span?: TraceContext },
];

/** What the process gets of a job. */
export type Told = Pick<Job, "message" | "headers" | "attempt" | "span">;

const rare = ["contentEncoding", "type", "appId", "userId", "priority", "expiration"] as const;

/**
 * Encodes the messages for one process. Of a message that is like the one before in all but its id and its body, only the
 * id is sent: most messages of a queue are.
 */
export class JobHeads {
  #last: JobHead | undefined;

  of(told: Told): JobHead | string {
    const head = jobHead(told);
    if (this.#last !== undefined && isLike(head, this.#last)) return head[0];
    this.#last = head;
    return head;
  }

  /** The last head was not sent, so the next one is sent whole. */
  forget(): void {
    this.#last = undefined;
  }
}

function isLike(head: JobHead, last: JobHead): boolean {
  if (head.length !== last.length) return false;
  for (let i = 1; i < head.length; i++) if (head[i] !== last[i]) return false;
  return true;
}

/** Decodes what {@linkcode JobHeads} has encoded, in the same order. */
export class ReadJobHeads {
  #last: JobHead | undefined;

  read(head: JobHead | string, body: Uint8Array): Told {
    if (typeof head !== "string") this.#last = head;
    return readJobHead(this.#last!, body, typeof head === "string" ? head : head[0]);
  }
}

/** Encodes a message and its run for the process. */
export function jobHead({ message, headers: { bytes }, attempt, span }: Told): JobHead {
  const { id, exchange, routingKey, contentType = null } = message;
  const { correlationId = null, replyTo = null, timestamp } = message;
  const flags = (message.redelivered ? 1 : 0) | (message.deliveryMode ?? 0) << 1;
  const headers = bytes.length === 0 ? 0 : bytes.toBase64();
  const more = span === undefined ? rareOf(message) : { ...rareOf(message), span };
  if (correlationId === null && replyTo === null && timestamp === undefined && more === undefined) {
    return [id, exchange, routingKey, attempt, flags, contentType, headers];
  }
  const sent = timestamp === undefined ? null : timestamp.getTime();
  const head = [id, exchange, routingKey, attempt, flags, contentType, headers, correlationId, replyTo, sent];
  return (more === undefined ? head : [...head, more]) as unknown as JobHead;
}

/** Decodes a message and its run from a head and a body. */
export function readJobHead(head: JobHead, body: Uint8Array, id: string = head[0]): Told {
  const [, exchange, routingKey, attempt, flags, contentType, headers, correlationId, replyTo, sent] = head;
  const { contentEncoding, type, appId, userId, priority, expiration, span } = head[10] ?? {};
  const deliveryMode = flags >> 1;
  const table = headers === 0 ? HeaderTable.none : new HeaderTable(Buffer.from(headers, "base64"));
  return {
    attempt,
    span,
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

/**
 * How a handler's run ended, as the head of an `ended` frame. A run that returned has no head, or the content type of its
 * output, which is the frame's body.
 */
export type OutcomeHead =
  | undefined
  | string
  | { readonly kind: "failed" | "rejected"; readonly error: unknown }
  | { readonly kind: "retry"; readonly error: unknown; readonly after?: number };

/** Encodes an outcome as a head and a body. */
export function outcomeFrame(outcome: Outcome): { head: OutcomeHead; body?: Uint8Array } {
  switch (outcome.kind) {
    case "returned":
      return outcome.output === undefined
        ? { head: undefined }
        : { head: outcome.output.contentType, body: outcome.output.body };
    case "retry":
      return { head: { kind: "retry", error: copyError(outcome.error), after: outcome.after } };
    case "failed":
    case "rejected":
      return { head: { kind: outcome.kind, error: copyError(outcome.error) } };
    default:
      throw new TypeError(`A handler's run does not end as ${outcome.kind}`);
  }
}

const nothing: Outcome = { kind: "returned" };

/** Decodes an outcome from a head and a body. Anything that is not an outcome counts as a failure. */
export function readOutcome(head: unknown, body: Uint8Array): Outcome {
  if (head === undefined) return nothing;
  if (typeof head === "string") return { kind: "returned", output: { body, contentType: head } };
  const { kind, error, after } = (head ?? {}) as Record<string, unknown>;
  const revived = reviveError(asErrorCopy(error));
  if (kind === "rejected") return { kind, error: revived };
  if (kind === "retry") return { kind, error: revived, after: asDelay(after) };
  return { kind: "failed", error: revived };
}

function asDelay(after: unknown): number | undefined {
  return typeof after === "number" && after >= 0 ? after : undefined;
}
