import { v7 } from "uuid";
import { Reject, RpcError } from "../core/errors.ts";
import type { Delivery } from "../core/link.ts";
import type { Message, Properties } from "../core/message.ts";
import { movedHeaders, unreadableHeader } from "../core/moved_headers.ts";

/** A delivery as its handler shall see it, and which run of it this is. */
export interface Arrived {
  readonly message: Message;
  /** 1 for the first run. */
  readonly attempt: number;
  /** Processes that ended while they ran it, as its own headers have it. */
  readonly crashes: number;
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
  const moved = suspect ||
    (wasPutBack(delivery, queue) && (cameBack(headers, queue) || wasReplayed(headers)));
  const earlier = moved ? readMoved(headers, queue) : undefined;
  return {
    message: {
      id: properties.messageId || nextId(),
      body,
      headers: earlier ? earlier.headers : headers,
      exchange: earlier ? earlier.exchange : delivery.exchange,
      routingKey: earlier ? earlier.routingKey : delivery.routingKey,
      redelivered: redelivered || suspect,
      correlationId: properties.correlationId,
      replyTo: properties.replyTo,
      timestamp: properties.timestamp === undefined ? undefined : new Date(properties.timestamp * 1000),
      contentType: properties.contentType,
      contentEncoding: properties.contentEncoding,
      type: properties.type,
      appId: properties.appId,
      userId: properties.userId,
      priority: properties.priority,
      expiration: earlier?.expiration ?? properties.expiration,
      deliveryMode: earlier ? earlier.deliveryMode : deliveryMode(properties),
    },
    attempt: 1 + (earlier?.attempts ?? 0) +
      (countsDeliveries && redelivered ? count(headers["x-delivery-count"]) : 0),
    crashes: earlier?.crashes ?? 0,
  };
}

function deliveryMode({ persistent }: Properties): 1 | 2 | undefined {
  return persistent === undefined ? undefined : persistent ? 2 : 1;
}

/** Why a message cannot be handled whose headers could not be read; nothing if they could. */
export function unreadableHeaders({ headers }: Message, isRpc: boolean): Reject | RpcError | undefined {
  const reason = headers[unreadableHeader];
  if (reason === undefined) return undefined;
  const detail = `The message's headers cannot be read: ${text(reason)}`;
  return isRpc ? new RpcError("BAD_REQUEST", { detail, status: 400 }) : new Reject(detail);
}

/** Makes ids for messages that bear none: one random id and a number, for a fraction of what a new id costs. */
export function idSource(): () => string {
  const prefix = v7();
  let count = 0;
  return () => `${prefix}.${++count}`;
}

type Headers = Readonly<Record<string, unknown>>;

// What comes back was put into its queue by name. Whoever can do that could have sent it anything: what such a message
// says of its origin gives nobody more than that.
function wasPutBack({ exchange, routingKey }: Delivery, queue: string): boolean {
  return exchange === "" && routingKey === queue;
}

// The broker itself writes down that a message expired in a queue, newest first.
function cameBack(headers: Headers, queue: string): boolean {
  const deaths = headers["x-death"];
  return Array.isArray(deaths) && diedWaiting(deaths[0], queue);
}

function wasReplayed(headers: Headers): boolean {
  return headers[movedHeaders.replays] !== undefined;
}

function diedWaiting(death: unknown, queue: string): boolean {
  const { queue: name, reason } = (death ?? {}) as Headers;
  return reason === "expired" && isRetryQueue(text(name), queue);
}

function isRetryQueue(name: string, queue: string): boolean {
  return name.startsWith(`${queue}.retry.`) || (name.includes(".retry.") && name.endsWith(`.${queue}`));
}

// How often it was replayed is for the handler to see.
const ownHeaders = Object.values(movedHeaders).filter((name) => name !== movedHeaders.replays);

function readMoved(headers: Headers, queue: string) {
  const { attempts, exchange, routingKey, crashes, expiration, deliveryMode } = movedHeaders;
  const original: Record<string, unknown> = Object.assign(Object.create(null), headers);
  for (const name of ownHeaders) delete original[name];
  forgetWaiting(original, queue);
  return {
    attempts: count(headers[attempts]),
    exchange: text(headers[exchange]),
    routingKey: text(headers[routingKey]),
    crashes: count(headers[crashes]),
    expiration: Number.isSafeInteger(headers[expiration]) ? count(headers[expiration]) : undefined,
    deliveryMode: modeSaid(headers[deliveryMode]),
    headers: original,
  };
}

/** The sender's delivery mode, where it had to give way to 2; 2 where it had not. */
function modeSaid(value: unknown): Message["deliveryMode"] {
  return value === 1 ? 1 : value === 0 ? undefined : 2;
}

/** Removes what the broker wrote down of the message's time in retry queues, and keeps what it wrote of other queues. */
function forgetWaiting(headers: Record<string, unknown>, queue: string): void {
  const deaths = headers["x-death"];
  if (!Array.isArray(deaths)) return;
  const others = deaths.filter((death) => !diedWaiting(death, queue));
  if (others.length > 0) headers["x-death"] = others;
  else delete headers["x-death"];
  for (const about of ["x-first-death-", "x-last-death-"]) {
    if (!isRetryQueue(text(headers[`${about}queue`]), queue)) continue;
    for (const part of ["queue", "reason", "exchange"]) delete headers[`${about}${part}`];
  }
}

function count(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.max(0, value as number) : 0;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
