import type { Delivery, Outgoing, Publisher } from "../core/ports/amqp.ts";
import type { DeadLetter, Replayed } from "../core/ports/dead_letter.ts";
import type { Headers } from "../core/ports/headers.ts";
import { Unroutable } from "../core/ports/amqp_errors.ts";
import { wasDelayed, withoutWaits } from "../core/ports/delayed.ts";
import {
  countReplay,
  deadLetterHeaders,
  movedHeaders,
  replayedHeaders,
  republishedHeaders,
} from "../core/ports/moved_headers.ts";
import { destinationIn, lostDelay } from "./delay/lost.ts";
import type { InspectChannel } from "../link/inspect_channel.ts";
import type { Inspection } from "./inspect.ts";

/** Which dead letters are meant. */
export interface Selection {
  /** At most this many, the oldest first. */
  readonly max: number;
  /** Only these ids. */
  readonly ids?: readonly string[];
}

/**
 * The name of the queue that holds the dead letters of `queue`. A name that already ends with `.dead` is returned
 * unchanged, unless that queue has dead letters of its own.
 */
export async function deadLetterQueueOf(
  queue: string,
  { counts }: Pick<Inspection, "counts">,
): Promise<string> {
  const dead = `${queue}.dead`;
  return !queue.endsWith(".dead") || (await counts([dead])).has(dead) ? dead : queue;
}

/** Reads the dead letters in `from`. They stay there: the broker puts them back when the channel is closed. */
export async function listDeadLetters(
  channel: InspectChannel,
  from: string,
  selection: Selection,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const delivery of select(channel, from, selection)) letters.push(read(delivery));
  return letters;
}

/**
 * Sends dead letters back to the queue they failed in. Each is confirmed there before it is removed here. Those of an
 * exclusive function, whose queue is gone, go to the exchange and key they were first published with. When `stop`
 * aborts, the rest stays where it is. `onReplayed` gets the number replayed so far.
 */
export async function replayDeadLetters(
  channel: InspectChannel,
  publisher: Publisher,
  from: string,
  selection: Selection,
  stop: AbortSignal,
  onReplayed: (count: number) => void = () => {},
): Promise<Replayed> {
  const to = from.slice(0, -".dead".length);
  const replayed: string[] = [];
  for await (const delivery of select(channel, from, selection)) {
    if (stop.aborted) return { ids: replayed, interrupted: true };
    await replay(publisher, delivery, to);
    delivery.ack();
    replayed.push(delivery.properties.messageId ?? "");
    onReplayed(replayed.length);
  }
  return { ids: replayed, interrupted: false };
}

/** Deletes chosen dead letters in `from`, and returns how many. */
export async function purgeDeadLetters(
  channel: InspectChannel,
  from: string,
  ids: readonly string[],
): Promise<number> {
  let purged = 0;
  for await (const delivery of select(channel, from, { max: ids.length, ids })) {
    delivery.ack();
    purged++;
  }
  return purged;
}

async function replay(publisher: Publisher, letter: Delivery, queue: string): Promise<void> {
  const { headers } = letter;
  if (wasDelayed(letter.exchange)) {
    const { exchange, routingKey } = destinationIn(headers);
    return await publisher.publish(
      outgoing(letter, exchange, routingKey, countReplay(headers, withoutWaits(headers))),
    );
  }
  try {
    await publisher.publish(outgoing(letter, "", queue, replayedHeaders(headers)));
  } catch (error) {
    const origin = error instanceof Unroutable ? originOf(headers) : undefined;
    if (origin === undefined) throw error;
    const { exchange, routingKey } = origin;
    await publisher.publish(outgoing(letter, exchange, routingKey, republishedHeaders(headers)));
  }
}

function outgoing(
  { body, encoded, properties: { messageId } }: Delivery,
  exchange: string,
  routingKey: string,
  headers: Headers,
): Outgoing {
  return { exchange, routingKey, body, came: encoded, passesOn: true, properties: { messageId, headers } };
}

/** The exchange and key that an exclusive function's message was published with. */
function originOf(headers: Headers): { readonly exchange: string; readonly routingKey: string } | undefined {
  const { values } = headers;
  const exchange = textIn(values, movedHeaders.exchange);
  // The default exchange would route it to the queue that is gone.
  if (values[deadLetterHeaders.exclusive] !== true || exchange === "") return undefined;
  return { exchange, routingKey: textIn(values, movedHeaders.routingKey) };
}

// Takes at most as many messages as there were at the start, so that those which fail again meanwhile are not taken twice.
async function* select(
  channel: InspectChannel,
  queue: string,
  { max, ids }: Selection,
): AsyncGenerator<Delivery> {
  let left = await channel.count(queue);
  let found = 0;
  const wanted = ids === undefined ? undefined : new Set(ids);
  while (left-- > 0 && found < (wanted === undefined ? max : Math.min(max, wanted.size))) {
    const delivery = await channel.get(queue);
    if (delivery === undefined) return;
    if (wanted && !wanted.has(delivery.properties.messageId ?? "")) continue;
    found++;
    yield delivery;
  }
}

type Values = Readonly<Record<string, unknown>>;

function read({ exchange, properties, headers, body }: Delivery): DeadLetter {
  const { messageId = "", contentType, contentEncoding } = properties;
  const { values } = headers;
  return {
    id: messageId,
    function: textIn(values, deadLetterHeaders.function),
    error: textIn(values, deadLetterHeaders.error),
    at: textIn(values, deadLetterHeaders.at),
    attempts: numberIn(values, movedHeaders.attempts),
    source: textIn(values, deadLetterHeaders.source),
    failedAt: textIn(values, deadLetterHeaders.failedAt),
    replays: numberIn(values, movedHeaders.replays),
    contentType,
    contentEncoding,
    headers: values,
    body,
    ...wasDelayed(exchange) ? lostDelay(headers) : {},
  };
}

// Anybody can send a message to this queue, with any headers.
function textIn(headers: Values, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

function numberIn(headers: Values, name: string): number {
  const value = headers[name];
  return typeof value === "number" ? value : 0;
}
