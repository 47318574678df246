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
  /** Runs so far. */
  readonly attempts: number;
  readonly error: unknown;
  /** The function's own line that it came through, if it is known. */
  readonly at?: string;
  /** Whether its queue is this instance's alone. */
  readonly exclusive: boolean;
  readonly expiry: Expiry | undefined;
}

// What a broker notes of a message that expired, with names of queues as long as they can be. The runs are counted by it.
const deathBytes = 2048;

// A header is a part of one frame; the whole error belongs in the log.
const maxError = 2000;

/** A message that is moved, with its headers as its handler saw them. */
export interface Moved {
  readonly delivery: Delivery;
  readonly message: BareMessage;
  readonly headers: Headers;
}

/** A message on its way into a retry queue, for `ms` milliseconds. */
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
 * A message on its way to the queue of suspects, with the processes counted that ended while they ran it; `token` is
 * what its next run is marked by.
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

/** A message on its way to the dead letters: as it came, with the reason in its headers. */
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
    // Sent once more it would be there twice; its source can wait.
    patient: true,
    properties: {
      messageId: message.id,
      persistent: true,
      expiration,
      headers: carriedHeaders(headers).with({ ...userIdOf(delivery), ...added }),
    },
  };
}

// What the broker would refuse of the sender's properties.
function userIdOf({ properties: { userId }, headers }: Delivery): Record<string, unknown> {
  const said = userId ?? headers.get(movedHeaders.userId);
  return said === undefined ? {} : { [movedHeaders.userId]: said };
}

// What is moved is kept, whatever its sender said.
function modeOf({ deliveryMode }: BareMessage): Record<string, unknown> {
  return deliveryMode === 2 ? {} : { [movedHeaders.deliveryMode]: deliveryMode ?? 0 };
}

/** What moving takes. */
export interface Move {
  readonly letter: Outgoing;
  readonly source: Delivery;
  readonly to: HelperQueue;
  readonly queues: HelperQueues;
  /** When the source has to be settled, as `performance.now()` counts. */
  readonly until: number;
  /** Aborted when the runtime will wait no longer. */
  readonly stop: AbortSignal;
  /** Told what is in the way, each time the move has to wait. */
  readonly onDelay: (error: unknown) => void;
  /** What is done instead where the broker will not have the queue; else that is a delay too. */
  readonly onRefused?: (refusal: HelperRefused) => Promise<boolean>;
  /**
   * Called for a letter that cannot be sent as it is, as when Hopper's own headers find no room in a frame beside the
   * message's. Gives the letter to send in its place, or whether something else was done.
   */
  readonly onUnsendable: (error: Unsendable) => Outgoing | Promise<boolean>;
}

/**
 * Publishes a message to where it shall be, confirmed, and then acknowledges its source. While the broker will not
 * take it, the source stays unacknowledged and the move is tried again with growing waits, until `stop` aborts, the
 * source's channel is gone, or the source goes back to its queue, as it must not stay here longer. Says whether it has
 * been moved.
 */
export async function move(
  { letter: first, source, to, queues, until, stop, onDelay, onRefused, onUnsendable }: Move,
): Promise<boolean> {
  let letter = first;
  for (let attempt = 1; source.open && !stop.aborted; attempt++) {
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
      const waitMs = backoffDelay(attempt, { first: 1000, most: 30_000 });
      await pause(Math.max(0, Math.min(waitMs, left)), stop);
      if (waitMs >= left) source.requeue();
    }
  }
  return false;
}

/** A dead letter without the headers its message came with: what gives way where they leave the reason no room. */
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

// With these even the shortest of frames has room for all other properties.
const shortError = 300;

const ownHeaders = new Set<string>([...Object.values(movedHeaders), ...Object.values(deadLetterHeaders)]);
