import type { Delivery, Outgoing, Publisher } from "../core/ports/amqp.ts";
import type { Headers } from "../core/ports/headers.ts";
import { Unroutable } from "../core/ports/amqp_errors.ts";
import {
  deadLetterHeaders,
  movedHeaders,
  replayedHeaders,
  republishedHeaders,
} from "../core/ports/moved_headers.ts";
import type { InspectChannel } from "../link/inspect_channel.ts";
import type { Inspection } from "./inspect.ts";

/** A dead letter as it is shown. */
export interface DeadLetter {
  readonly id: string;
  readonly function: string;
  readonly error: string;
  /** The line of the function's files that the error came through, where it is known. */
  readonly at: string;
  readonly attempts: number;
  readonly source: string;
  readonly failedAt: string;
  readonly replays: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** Which dead letters are meant. */
export interface Selection {
  /** At most so many, the oldest first. */
  readonly max: number;
  /** Only these ids. */
  readonly ids?: readonly string[];
}

/** What became of a replay. */
export interface Replayed {
  /** Ids of the messages that are back in their queue. */
  readonly ids: readonly string[];
  /** Whether it was stopped before it was through. */
  readonly interrupted: boolean;
}

/**
 * The queue of the dead letters of `queue`. The name of such a queue is itself taken as it is, unless messages have failed
 * in it too.
 */
export async function deadLetterQueueOf(
  queue: string,
  { counts }: Pick<Inspection, "counts">,
): Promise<string> {
  const dead = `${queue}.dead`;
  return !queue.endsWith(".dead") || (await counts([dead])).has(dead) ? dead : queue;
}

/** Looks at the dead letters in `from`; they are where they were when the channel is closed. */
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
 * Sends dead letters back to the queue they came from, each confirmed there before it is removed here; those of an
 * exclusive function, whose queue is gone, to the exchange and key they were published with. A stop between two of them
 * leaves the rest where it was. `onReplayed` hears how many it were so far.
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

async function replay(publisher: Publisher, letter: Delivery, queue: string): Promise<void> {
  const { headers } = letter;
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

/** Where an exclusive function's message was published. */
function originOf(headers: Headers): { readonly exchange: string; readonly routingKey: string } | undefined {
  const { values } = headers;
  const exchange = textIn(values, movedHeaders.exchange);
  // By the default exchange it came to the queue that is gone.
  if (values[deadLetterHeaders.exclusive] !== true || exchange === "") return undefined;
  return { exchange, routingKey: textIn(values, movedHeaders.routingKey) };
}

// What is dead-lettered meanwhile is not looked at again: at most as many are taken as there were at first.
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

function read({ properties, headers: { values }, body }: Delivery): DeadLetter {
  const { messageId = "", contentType, contentEncoding } = properties;
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
  };
}

// Anybody can put a message there, with anything in its headers.
function textIn(headers: Values, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

function numberIn(headers: Values, name: string): number {
  const value = headers[name];
  return typeof value === "number" ? value : 0;
}
