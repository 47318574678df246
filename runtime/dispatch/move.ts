import { backoffDelay, pause } from "../core/backoff.ts";
import { describeError } from "../core/errors.ts";
import type { Delivery, HelperQueue, Outgoing } from "../core/link.ts";
import { Unsendable } from "../core/link_errors.ts";
import type { Message } from "../core/message.ts";
import { carriedHeaders, deadLetterHeaders, movedHeaders } from "../core/moved_headers.ts";
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
}

// What a broker notes of a message that expired, with names of queues as long as they can be. The runs are counted by it.
const deathBytes = 2048;

// A header is a part of one frame; the whole error belongs in the log.
const longestError = 2000;

/** A message on its way into a retry queue, for `ms` milliseconds. */
export function retryLetter(
  delivery: Delivery,
  message: Message,
  queue: string,
  ms: number,
  cause: Cause & { readonly crashes: number },
): Outgoing {
  const letter = moved(delivery, message, queue, ms, {
    ...modeOf(message),
    ...(cause.crashes > 0 ? { [movedHeaders.crashes]: cause.crashes } : {}),
    [movedHeaders.attempts]: cause.attempts,
    [movedHeaders.exchange]: message.exchange,
    [movedHeaders.routingKey]: message.routingKey,
  });
  return { ...letter, spare: deathBytes };
}

/**
 * A message on its way to the queue of suspects, with the processes counted that ended while they ran it; `token` is
 * what its next run is marked by.
 */
export function suspectLetter(
  delivery: Delivery,
  message: Message,
  queue: string,
  token: string,
  crashes: number,
  attempts: number,
): Outgoing {
  return moved(delivery, message, queue, undefined, {
    ...modeOf(message),
    [movedHeaders.suspect]: token,
    [movedHeaders.crashes]: crashes,
    [movedHeaders.attempts]: attempts,
    [movedHeaders.exchange]: message.exchange,
    [movedHeaders.routingKey]: message.routingKey,
  });
}

/** A message on its way to the dead letters: as it came, with the reason in its headers. */
export function deadLetter(delivery: Delivery, message: Message, queue: string, cause: Cause): Outgoing {
  return moved(delivery, message, queue, undefined, {
    [deadLetterHeaders.error]: describeError(cause.error).slice(0, longestError).toWellFormed(),
    ...(cause.at === undefined ? {} : { [deadLetterHeaders.at]: cause.at.toWellFormed() }),
    [movedHeaders.attempts]: cause.attempts,
    [deadLetterHeaders.function]: cause.function,
    [deadLetterHeaders.source]: `${message.exchange}:${message.routingKey}`,
    [movedHeaders.exchange]: message.exchange,
    [movedHeaders.routingKey]: message.routingKey,
    [deadLetterHeaders.failedAt]: new Date().toISOString(),
  });
}

function moved(
  delivery: Delivery,
  message: Message,
  queue: string,
  expiration: number | undefined,
  added: Record<string, unknown>,
): Outgoing {
  return {
    exchange: "",
    routingKey: queue,
    body: delivery.body,
    carried: delivery,
    // Sent once more it would be there twice; its source can wait.
    patient: true,
    properties: {
      ...delivery.properties,
      messageId: message.id,
      persistent: true,
      expiration,
      headers: { ...carriedHeaders(message.headers), ...setAside(delivery, message), ...added },
    },
  };
}

// Properties of the sender that the broker takes from nobody else, or that say now how the message waits.
function setAside({ properties: { userId, headers } }: Delivery, { expiration }: Message) {
  const said = userId ?? headers?.[movedHeaders.userId];
  return {
    ...(said === undefined ? {} : { [movedHeaders.userId]: said }),
    ...(expiration === undefined ? {} : { [movedHeaders.expiration]: expiration }),
  };
}

// What is moved is kept, whatever its sender said.
function modeOf({ deliveryMode }: Message) {
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
  const { headers = {}, ...properties } = letter.properties;
  const own = Object.entries(headers).filter(([name]) => ownHeaders.has(name));
  const error = String(headers[deadLetterHeaders.error]).slice(0, shortError).toWellFormed();
  return {
    ...letter,
    alone: true,
    properties: {
      ...properties,
      headers: {
        ...Object.fromEntries(own),
        [deadLetterHeaders.error]: error,
        [deadLetterHeaders.dropped]: `headers: ${message}`.slice(0, shortError).toWellFormed(),
      },
    },
  };
}

// With these even the shortest of frames has room for all other properties.
const shortError = 300;

const ownHeaders = new Set<string>([...Object.values(movedHeaders), ...Object.values(deadLetterHeaders)]);
