import { v7 } from "uuid";
import { Reject, RpcError } from "../../core/api/errors.ts";
import type { Delivery } from "../../core/ports/amqp.ts";
import type { Headers } from "../../core/ports/headers.ts";
import type { BareMessage, Properties } from "../../core/api/message.ts";
import {
  movedHeaders,
  originalHeaders,
  wasReplayed,
  withDeathsRestored,
} from "../../core/ports/moved_headers.ts";
import { count } from "../../core/values.ts";

/** A delivery as its handler shall see it, and which run of it this is. */
export interface Arrived {
  readonly message: BareMessage;
  /** The message's headers as its handler shall see them, to be read when it does, and to go along. */
  readonly headers: Headers;
  /** 1 for the first run. */
  readonly attempt: number;
  /** Processes that ended while they ran it, as its own headers have it. */
  readonly crashes: number;
  /** Whether it comes from a queue of Hopper's own. */
  readonly moved: boolean;
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
  const { body, properties, redelivered, deliveredBefore } = delivery;
  const { queue, suspect, countsDeliveries } = origin;
  const came = delivery.headers;
  const moved = suspect || (wasPutBack(delivery, queue) && (cameBack(came, queue) || wasReplayed(came)));
  const earlier = moved ? readMoved(came, queue) : undefined;
  const headers = earlier ? earlier.headers : came;
  return {
    message: {
      id: properties.messageId || nextId(),
      body,
      exchange: earlier ? earlier.exchange : delivery.exchange,
      routingKey: earlier ? earlier.routingKey : delivery.routingKey,
      redelivered: redelivered || suspect,
      correlationId: properties.correlationId,
      replyTo: properties.replyTo,
      timestamp: dateOf(properties.timestamp),
      contentType: properties.contentType,
      contentEncoding: properties.contentEncoding,
      type: properties.type,
      appId: properties.appId,
      userId: properties.userId,
      priority: properties.priority,
      expiration: earlier ? earlier.expiration : properties.expiration,
      deliveryMode: earlier ? earlier.deliveryMode : deliveryMode(properties),
    },
    headers,
    attempt: 1 + (earlier?.attempts ?? 0) +
      (countsDeliveries ? deliveredBefore : 0),
    crashes: earlier?.crashes ?? 0,
    moved,
  };
}

/** A time that no Date holds is not shown; it goes along where the message is moved. */
function dateOf(seconds: number | undefined): Date | undefined {
  if (seconds === undefined) return undefined;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function deliveryMode({ persistent }: Properties): 1 | 2 | undefined {
  return persistent === undefined ? undefined : persistent ? 2 : 1;
}

/** Why a message cannot be handled whose headers cannot be read; nothing if they can. */
export function unreadableHeaders({ unreadable }: Headers, isRpc: boolean): Reject | RpcError | undefined {
  if (unreadable === undefined) return undefined;
  const detail = `The message's headers cannot be read: ${unreadable}`;
  return isRpc ? new RpcError("BAD_REQUEST", { detail, status: 400 }) : new Reject(detail);
}

/** Makes ids for messages that bear none: one random id and a number, for a fraction of what a new id costs. */
export function idSource(): () => string {
  const prefix = v7();
  let count = 0;
  return () => `${prefix}.${++count}`;
}

// What comes back was put into its queue by name. Whoever can do that could have sent it anything: what such a message
// says of its origin gives nobody more than that.
function wasPutBack({ exchange, routingKey }: Delivery, queue: string): boolean {
  return exchange === "" && routingKey === queue;
}

// The broker itself writes down that a message expired in a queue, newest first.
function cameBack(headers: Headers, queue: string): boolean {
  const deaths = headers.get("x-death");
  return Array.isArray(deaths) && diedWaiting(deaths[0], queue);
}

function diedWaiting(death: unknown, queue: string): boolean {
  const { queue: name, reason } = (death ?? {}) as Readonly<Record<string, unknown>>;
  return reason === "expired" && isRetryQueue(text(name), queue);
}

function isRetryQueue(name: string, queue: string): boolean {
  return name.startsWith(`${queue}.retry.`) || (name.includes(".retry.") && name.endsWith(`.${queue}`));
}

function readMoved(headers: Headers, queue: string) {
  const { attempts, exchange, routingKey, crashes, expiration, deliveryMode } = movedHeaders;
  return {
    attempts: count(headers.get(attempts)),
    exchange: text(headers.get(exchange)),
    routingKey: text(headers.get(routingKey)),
    crashes: count(headers.get(crashes)),
    expiration: headers.has(expiration) ? count(headers.get(expiration)) : undefined,
    deliveryMode: modeSaid(headers.get(deliveryMode)),
    headers: originalHeaders(withDeathsRestored(forgetWaiting(headers, queue))),
  };
}

/** The sender's delivery mode, where it had to give way to 2; 2 where it had not. */
function modeSaid(value: unknown): BareMessage["deliveryMode"] {
  return value === 1 ? 1 : value === 0 ? undefined : 2;
}

/** Without what the broker wrote down of the message's time in retry queues; what it wrote of other queues is kept. */
function forgetWaiting(headers: Headers, queue: string): Headers {
  const deaths = headers.get("x-death");
  if (!Array.isArray(deaths)) return headers;
  const elsewhere = (death: unknown) => !diedWaiting(death, queue);
  const about = ["x-first-death-", "x-last-death-"].filter((prefix) =>
    isRetryQueue(text(headers.get(`${prefix}queue`)), queue)
  );
  const waited = new Set(
    about.flatMap((prefix) => ["queue", "reason", "exchange"].map((part) => prefix + part)),
  );
  if (!deaths.some(elsewhere)) waited.add("x-death");
  return headers.filter((name) => !waited.has(name)).filterList("x-death", elsewhere);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
