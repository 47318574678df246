import { backoffDelay, pause } from "../../core/backoff.ts";
import { describeError } from "../../core/api/errors.ts";
import type { Delivery, HelperQueue, Outgoing } from "../../core/ports/amqp.ts";
import type { Headers } from "../../core/ports/headers.ts";
import { Unsendable } from "../../core/ports/amqp_errors.ts";
import { isRabbitmqSince } from "../../core/ports/broker_version.ts";
import type { BareMessage } from "../../core/api/message.ts";
import {
  carriedHeaders,
  deadLetterHeaders,
  movedHeaders,
  withDeathsKept,
} from "../../core/ports/moved_headers.ts";
import { type Expiry, expiryHeaders } from "../delivery/expiry.ts";
import type { HelperQueues } from "./helper_queues.ts";
import { HelperRefused } from "./helper_refused.ts";

/** Why a message is moved. */
export interface Cause {
  readonly function: string;
  /** How many runs the message has had. */
  readonly attempts: number;
  readonly error: unknown;
  /** The line of the user's files where it was thrown, if it is known. */
  readonly at?: string;
  /** Whether its queue belongs to this instance only. */
  readonly exclusive: boolean;
  readonly expiry: Expiry | undefined;
}

// Room for the headers that a broker adds when a message expires, with the longest possible queue names. Hopper reads
// them when the message comes back.
const deathBytes = 2048;

// All headers must fit one frame. The whole error is in the log.
const maxError = 2000;

/** A message to move, with its headers as its handler saw them. */
export interface Moved {
  readonly delivery: Delivery;
  readonly message: BareMessage;
  readonly headers: Headers;
}

/** The message to publish to a retry queue, where it waits for `ms` milliseconds. */
export function retryLetter(
  moved: Moved,
  queue: string,
  ms: number,
  cause: Cause & { readonly crashes: number },
): Outgoing {
  const letter = letterOf(moved, queue, ms, {
    ...expiryHeaders(cause.expiry, ms),
    ...modeOf(moved.message),
    ...(cause.crashes > 0 ? { [movedHeaders.crashes]: cause.crashes } : {}),
    [movedHeaders.attempts]: cause.attempts,
    ...originOf(moved),
  });
  const { headers } = letter.properties;
  const kept = headers && isRabbitmqSince(moved.delivery.broker, 4, 0) ? withDeathsKept(headers) : headers;
  return { ...letter, properties: { ...letter.properties, headers: kept }, spare: deathBytes };
}

/**
 * The message to publish to the queue of suspects. `crashes` is how many processes ended while they ran it; `token` marks
 * its next run.
 */
export function suspectLetter(
  moved: Moved,
  queue: string,
  token: string,
  crashes: number,
  attempts: number,
  expiry: Expiry | undefined,
): Outgoing {
  return letterOf(moved, queue, undefined, {
    ...expiryHeaders(expiry, 0),
    ...modeOf(moved.message),
    [movedHeaders.suspect]: token,
    [movedHeaders.crashes]: crashes,
    [movedHeaders.attempts]: attempts,
    ...originOf(moved),
  });
}

/** The message to publish to the shard of its key. */
export function shardLetter(
  moved: Moved,
  queue: string,
  key: string | undefined,
  cause: Cause & { readonly crashes: number },
): Outgoing {
  const letter = retryLetter(moved, queue, 0, cause);
  const { headers, ...properties } = letter.properties;
  return {
    ...letter,
    spare: 0,
    properties: {
      ...properties,
      expiration: undefined,
      headers: key === undefined ? headers : headers?.with({ [movedHeaders.key]: key }),
    },
  };
}

/** The message to publish to the dead letters: as it arrived, with the reason in its headers. */
export function deadLetter(moved: Moved, queue: string, cause: Cause): Outgoing {
  const { exchange, routingKey } = moved.message;
  return letterOf(moved, queue, undefined, {
    [deadLetterHeaders.error]: describeError(cause.error).slice(0, maxError).toWellFormed(),
    ...(cause.at === undefined ? {} : { [deadLetterHeaders.at]: cause.at.toWellFormed() }),
    [movedHeaders.attempts]: cause.attempts,
    [deadLetterHeaders.function]: cause.function,
    [deadLetterHeaders.source]: `${exchange}:${routingKey}`,
    ...originOf(moved),
    [deadLetterHeaders.failedAt]: new Date().toISOString(),
    ...(cause.expiry ? { [movedHeaders.expiration]: cause.expiry.expiration } : {}),
    ...(cause.exclusive ? { [deadLetterHeaders.exclusive]: true } : {}),
  });
}

function originOf({ message: { exchange, routingKey } }: Moved): Record<string, unknown> {
  return { [movedHeaders.exchange]: exchange, [movedHeaders.routingKey]: routingKey };
}

function letterOf(
  { delivery, message, headers }: Moved,
  queue: string,
  expiration: number | undefined,
  added: Record<string, unknown>,
): Outgoing {
  return {
    exchange: "",
    routingKey: queue,
    body: delivery.body,
    came: delivery.encoded,
    passesOn: true,
    // It waits while the broker is blocked: sent again, it would be there twice.
    patient: true,
    properties: {
      messageId: message.id,
      persistent: true,
      expiration,
      headers: carriedHeaders(headers).with({ ...userIdOf(delivery), ...added }),
    },
  };
}

// The broker would refuse another sender's user id as a property.
function userIdOf({ properties: { userId }, headers }: Delivery): Record<string, unknown> {
  const said = userId ?? headers.get(movedHeaders.userId);
  return said === undefined ? {} : { [movedHeaders.userId]: said };
}

// A moved message is always persistent, so the sender's own mode goes into a header.
function modeOf({ deliveryMode }: BareMessage): Record<string, unknown> {
  return deliveryMode === 2 ? {} : { [movedHeaders.deliveryMode]: deliveryMode ?? 0 };
}

/** What is needed to move a message. */
export interface Move {
  readonly letter: Outgoing;
  readonly source: Pick<Delivery, "open" | "ack" | "requeue">;
  readonly to: HelperQueue;
  readonly queues: HelperQueues;
  /** When the source must be settled, a time of `performance.now()`. */
  readonly until: number;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
  /** Called with the error, or the reason as text, each time the move has to wait. */
  readonly onDelay: (error: unknown) => void;
  /** What to do instead if the broker refuses the queue. Without it, the move waits and tries again. */
  readonly onRefused?: (refusal: HelperRefused) => Promise<boolean>;
  /**
   * Called if the message cannot be sent as it is, for example because Hopper's headers do not fit the frame with the
   * message's own. Returns the message to send instead, or whether something else was done.
   */
  readonly onUnsendable: (error: Unsendable) => Outgoing | Promise<boolean>;
}

/** After this time without a confirm somebody is told, in milliseconds. */
const lateMs = 10_000;

const unconfirmed =
  `The broker has not confirmed it for ${lateMs / 1000} s; a quorum queue may have no leader, ` +
  "or a disk may be full: look into the broker's log";

/**
 * Publishes a message, waits for the confirm, and then acknowledges its source. While the broker does not accept it, the
 * source stays unacknowledged, and the move is tried again after growing waits. It ends when `stop` aborts, when the
 * source's channel is lost, or when the source must go back to its queue because it was here too long. Returns whether
 * the message was moved.
 */
export async function move(
  { letter: first, source, to, queues, until, stop, onDelay, onRefused, onUnsendable }: Move,
): Promise<boolean> {
  let letter = first;
  for (let attempt = 1; source.open && !stop.aborted; attempt++) {
    const late = setTimeout(() => onDelay(unconfirmed), lateMs);
    try {
      await queues.publish(letter, to);
      source.ack();
      return true;
    } catch (error) {
      if (onRefused && error instanceof HelperRefused) return await onRefused(error);
      if (error instanceof Unsendable && letter === first) {
        const instead = onUnsendable(error);
        if (instead instanceof Promise) return await instead;
        letter = instead;
        continue;
      }
      onDelay(error);
      const left = until - performance.now();
      const waitMs = backoffDelay(attempt, { first: 1000, max: 30_000 });
      await pause(Math.max(0, Math.min(waitMs, left)), stop);
      if (waitMs >= left) source.requeue();
    } finally {
      clearTimeout(late);
    }
  }
  return false;
}

/** A dead letter without the message's own headers, for when those leave no room for the reason. */
export function withoutHeaders(letter: Outgoing, { message }: Unsendable): Outgoing {
  const own = letter.properties.headers?.filter((name) => ownHeaders.has(name));
  const error = String(own?.get(deadLetterHeaders.error)).slice(0, shortError).toWellFormed();
  return {
    ...letter,
    alone: true,
    properties: {
      ...letter.properties,
      headers: own?.with({
        [deadLetterHeaders.error]: error,
        [deadLetterHeaders.dropped]: `headers: ${message}`.slice(0, shortError).toWellFormed(),
      }),
    },
  };
}

// With texts this short, all other properties fit even the smallest frame.
const shortError = 300;

const ownHeaders = new Set<string>([...Object.values(movedHeaders), ...Object.values(deadLetterHeaders)]);
