import { Reject, RpcError } from "../../core/api/errors.ts";
import type { Delivery } from "../../core/ports/amqp.ts";
import type { Headers } from "../../core/ports/headers.ts";
import type { BareMessage, Properties } from "../../core/api/message.ts";
import { wasDelayed, withoutWaits } from "../../core/ports/delayed.ts";
import {
  movedHeaders,
  originalHeaders,
  wasReplayed,
  withDeathsRestored,
} from "../../core/ports/moved_headers.ts";
import { count } from "../../core/values.ts";
import { newMessageId } from "../../core/message_id.ts";

/** A delivery as its handler sees it, and the number of this run. */
export interface Arrived {
  readonly message: BareMessage;
  /** The message's headers as its handler sees them. They are decoded late, and passed on when the message is moved. */
  readonly headers: Headers;
  /** 1 for the first run. */
  readonly attempt: number;
  /** How many processes ended while they ran it, from its own headers. */
  readonly crashes: number;
  /** Whether it comes from one of Hopper's own queues: it waited there for a retry, or was delayed. */
  readonly moved: boolean;
}

/** Where a delivery came from. */
export interface Origin {
  /** The function's queue. */
  readonly queue: string;
  /** Whether it came through the queue of suspects. */
  readonly suspect: boolean;
  /** Whether it came through one of the function's shards. */
  readonly sharded?: true;
  /** Whether the broker's count of deliveries is also a count of runs. */
  readonly countsDeliveries: boolean;
}

/**
 * Reads a delivery. A message that comes back from a helper queue, or out of a delay, looks as it did at first, and its
 * runs are counted.
 * The same headers written by a sender are not trusted. `nextId` gives an id to a message without one.
 */
export function readDelivery(delivery: Delivery, origin: Origin, nextId: () => string): Arrived {
  const { body, properties, redelivered, deliveredBefore } = delivery;
  const { queue, suspect, sharded = false, countsDeliveries } = origin;
  const came = delivery.headers;
  const moved = suspect || sharded ||
    (wasPutBack(delivery, queue) && (cameBack(came, queue) || wasReplayed(came)));
  const delayed = !moved && wasDelayed(delivery.exchange);
  const earlier = moved ? readMoved(came, queue) : delayed ? readDelayed(delivery) : undefined;
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
    moved: moved || delayed,
  };
}

/** `undefined` also for a time that a Date cannot hold. It is still passed on when the message is moved. */
function dateOf(seconds: number | undefined): Date | undefined {
  if (seconds === undefined) return undefined;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function deliveryMode({ persistent }: Properties): 1 | 2 | undefined {
  return persistent === undefined ? undefined : persistent ? 2 : 1;
}

/** The error for a message whose headers cannot be decoded; `undefined` if they can. */
export function unreadableHeaders({ unreadable }: Headers, isRpc: boolean): Reject | RpcError | undefined {
  if (unreadable === undefined) return undefined;
  const detail = `The message's headers cannot be read: ${unreadable}`;
  return isRpc ? new RpcError("BAD_REQUEST", { detail, status: 400 }) : new Reject(detail);
}

/** Makes ids for messages without one: a random prefix and a number, which is much cheaper than a new random id. */
export function idSource(): () => string {
  const prefix = newMessageId();
  let count = 0;
  return () => `${prefix}.${++count}`;
}

// A message that comes back was sent to its queue by name. Anybody who can do that could send any message anyway, so
// forged headers give them nothing more.
function wasPutBack({ exchange, routingKey }: Delivery, queue: string): boolean {
  return exchange === "" && routingKey === queue;
}

// The broker itself writes into `x-death` that a message expired in a queue; the newest entry is first.
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

/** A message as it was when it was sent. */
interface Earlier {
  readonly attempts: number;
  readonly crashes: number;
  readonly exchange: string;
  readonly routingKey: string;
  readonly expiration: number | undefined;
  readonly deliveryMode: BareMessage["deliveryMode"];
  readonly headers: Headers;
}

function readMoved(headers: Headers, queue: string): Earlier {
  return {
    ...readSource(headers),
    attempts: count(headers.get(movedHeaders.attempts)),
    crashes: count(headers.get(movedHeaders.crashes)),
    deliveryMode: modeSaid(headers.get(movedHeaders.deliveryMode)),
    headers: originalHeaders(withDeathsRestored(forgetWaiting(headers, queue))),
  };
}

function readDelayed({ headers, properties }: Delivery): Earlier {
  return {
    ...readSource(headers),
    attempts: 0,
    crashes: 0,
    deliveryMode: deliveryMode(properties),
    headers: originalHeaders(withDeathsRestored(withoutWaits(headers))),
  };
}

function readSource(headers: Headers): Pick<Earlier, "exchange" | "routingKey" | "expiration"> {
  const { exchange, routingKey, expiration } = movedHeaders;
  return {
    exchange: text(headers.get(exchange)),
    routingKey: text(headers.get(routingKey)),
    expiration: headers.has(expiration) ? count(headers.get(expiration)) : undefined,
  };
}

/** The sender's delivery mode. Without the header it was 2. */
function modeSaid(value: unknown): BareMessage["deliveryMode"] {
  return value === 1 ? 1 : value === 0 ? undefined : 2;
}

/** Removes what the broker wrote about the message's time in retry queues. What it wrote about other queues is kept. */
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
