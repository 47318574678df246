import { backoffDelay, pause } from "../core/backoff.ts";
import { describeError } from "../core/errors.ts";
import type { Delivery, Outgoing, Publisher, QueueDeclaration } from "../core/link.ts";
import { Unroutable, Unsendable } from "../core/link_errors.ts";
import type { Message } from "../core/message.ts";

/** Why a message is dead. */
export interface Cause {
  readonly function: string;
  readonly attempts: number;
  readonly error: unknown;
}

const reasons = [
  "x-hopper-error",
  "x-hopper-attempts",
  "x-hopper-function",
  "x-hopper-source",
  "x-hopper-failed-at",
] as const;
type Reason = typeof reasons[number];

// A header is a part of one frame; the whole error belongs in the log.
const longestError = 2000;

/** The dead letter for a message: as it came, with the reason in its headers. */
export function deadLetter(delivery: Delivery, message: Message, queue: string, cause: Cause): Outgoing {
  // CC and BCC would send copies to the queues they name; an expiration would end the dead letter too.
  const { CC: _cc, BCC: _bcc, ...headers } = message.headers;
  return {
    exchange: "",
    routingKey: queue,
    body: delivery.body,
    properties: {
      ...delivery.properties,
      messageId: message.id,
      persistent: true,
      expiration: undefined,
      headers: { ...headers, ...reasonOf(message, cause) },
    },
  };
}

function reasonOf({ exchange, routingKey }: Message, cause: Cause): Record<Reason, string | number> {
  return {
    "x-hopper-error": describeError(cause.error).slice(0, longestError),
    "x-hopper-attempts": cause.attempts,
    "x-hopper-function": cause.function,
    "x-hopper-source": `${exchange}:${routingKey}`,
    "x-hopper-failed-at": new Date().toISOString(),
  };
}

// Properties can come that cannot go: headers that leave the reason no room in their frame, or text that is not
// UTF-8. Body and reason are better than a message that stays for ever.
function withoutProperties(letter: Outgoing): Outgoing {
  const headers = Object.fromEntries(reasons.map((name) => [name, letter.properties.headers?.[name]]));
  return { ...letter, properties: { persistent: true, headers } };
}

/**
 * Publishes a dead letter, confirmed, and then acknowledges its source. While the broker will not take it, the
 * source stays unacknowledged and the move is tried again with growing waits, until `stop` aborts or the source's
 * channel is gone: then the broker has the message still. Gives the error that is in the way to `onDelay`.
 */
export async function moveToDeadLetters(
  letter: Outgoing,
  source: Delivery,
  queue: QueueDeclaration,
  publisher: Publisher,
  stop: AbortSignal,
  onDelay: (error: unknown) => void,
): Promise<boolean> {
  for (let attempt = 1; source.open && !stop.aborted; attempt++) {
    try {
      await publishSendable(letter, queue, publisher);
      source.ack();
      return true;
    } catch (error) {
      onDelay(error);
      await pause(backoffDelay(attempt, { first: 1000, most: 30_000 }), stop);
    }
  }
  return false;
}

async function publishSendable(
  letter: Outgoing,
  queue: QueueDeclaration,
  publisher: Publisher,
): Promise<void> {
  try {
    await publishDeclared(letter, queue, publisher);
  } catch (error) {
    if (!(error instanceof Unsendable)) throw error;
    await publishDeclared(withoutProperties(letter), queue, publisher);
  }
}

// The queue for dead letters is made when the first one needs it, and again if somebody deleted it.
async function publishDeclared(
  letter: Outgoing,
  queue: QueueDeclaration,
  publisher: Publisher,
): Promise<void> {
  try {
    await publisher.publish(letter);
  } catch (error) {
    if (!(error instanceof Unroutable)) throw error;
    await publisher.declareQueue(queue);
    await publisher.publish(letter);
  }
}
