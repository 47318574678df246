import { v7 } from "uuid";
import type { Delivery } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import { movedHeaders } from "../core/moved_headers.ts";

/** A delivery as its handler shall see it, and which run of it this is. */
export interface Arrived {
  readonly message: Message;
  /** 1 for the first run. */
  readonly attempt: number;
}

/** Where a delivery came from, and what that says of it. */
export interface Origin {
  /** The function's queue. */
  readonly queue: string;
  /** Whether it came by the queue of suspects. */
  readonly suspect: boolean;
  /** Whether the broker's count of deliveries is a count of runs. */
  readonly countsDeliveries: boolean;
}

/**
 * Reads a delivery. One that comes back from a queue of Hopper's own is shown as it came at first, and counts its
 * runs; what a sender wrote into the same headers is not believed. `nextId` names a message that bears no id.
 */
export function readDelivery(delivery: Delivery, origin: Origin, nextId: () => string): Arrived {
  const { body, properties, redelivered } = delivery;
  const headers = properties.headers ?? {};
  const { queue, suspect, countsDeliveries } = origin;
  const moved = suspect || cameBack(headers, queue) || wasReplayed(delivery, queue);
  const earlier = moved ? readMoved(headers) : undefined;
  return {
    message: {
      id: properties.messageId ?? nextId(),
      body,
      headers: earlier ? earlier.headers : headers,
      exchange: earlier ? earlier.exchange : delivery.exchange,
      routingKey: earlier ? earlier.routingKey : delivery.routingKey,
      redelivered,
      correlationId: properties.correlationId,
      replyTo: properties.replyTo,
      timestamp: properties.timestamp === undefined ? undefined : new Date(properties.timestamp * 1000),
      contentType: properties.contentType,
    },
    attempt: 1 + (earlier?.attempts ?? 0) + (countsDeliveries ? deliveryCount(headers) : 0),
  };
}

/** Makes ids for messages that bear none: one random id and a number, for a fraction of what a new id costs. */
export function idSource(): () => string {
  const prefix = v7();
  let count = 0;
  return () => `${prefix}.${++count}`;
}

type Headers = Readonly<Record<string, unknown>>;

// The broker itself writes down that a message expired in a queue, newest first.
function cameBack(headers: Headers, queue: string): boolean {
  const deaths = headers["x-death"];
  const last = Array.isArray(deaths) ? deaths[0] : undefined;
  return typeof last?.queue === "string" && last.reason === "expired" && isRetryQueue(last.queue, queue);
}

// Whoever can publish to a queue by its name could have sent it anything: what such a message says of its origin
// gives nobody more than that.
function wasReplayed({ exchange, routingKey, properties }: Delivery, queue: string): boolean {
  return exchange === "" && routingKey === queue && properties.headers?.[movedHeaders.replays] !== undefined;
}

function isRetryQueue(name: string, queue: string): boolean {
  return name.startsWith(`${queue}.retry.`) || (name.includes(".retry.") && name.endsWith(`.${queue}`));
}

function readMoved(headers: Headers) {
  const {
    [movedHeaders.attempts]: attempts,
    [movedHeaders.exchange]: exchange,
    [movedHeaders.routingKey]: routingKey,
    [movedHeaders.crashes]: _crashes,
    ...rest
  } = headers;
  return {
    attempts: typeof attempts === "number" ? attempts : 0,
    exchange: String(exchange ?? ""),
    routingKey: String(routingKey ?? ""),
    headers: rest,
  };
}

/** How often a quorum queue has delivered this message before. */
function deliveryCount(headers: Headers): number {
  const count = headers["x-delivery-count"];
  return typeof count === "number" ? count : 0;
}
