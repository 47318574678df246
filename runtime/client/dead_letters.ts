import type { Delivery, Publisher } from "../core/link.ts";
import { carriedHeaders, deadLetterHeaders, movedHeaders } from "../core/moved_headers.ts";
import type { InspectChannel } from "../link/inspect_channel.ts";

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

/** The queue of the dead letters of `queue`; the name of such a queue is itself taken as it is. */
export function deadLetterQueueOf(queue: string): string {
  return queue.endsWith(".dead") ? queue : `${queue}.dead`;
}

/** Looks at dead letters; they are where they were when the channel is closed. */
export async function listDeadLetters(
  channel: InspectChannel,
  queue: string,
  selection: Selection,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const delivery of select(channel, deadLetterQueueOf(queue), selection)) {
    letters.push(read(delivery));
  }
  return letters;
}

/**
 * Sends dead letters back to the queue they came from, each confirmed there before it is removed here. A stop
 * between two of them leaves the rest where it was. `onReplayed` hears how many it were so far.
 */
export async function replayDeadLetters(
  channel: InspectChannel,
  publisher: Publisher,
  queue: string,
  selection: Selection,
  stop: AbortSignal,
  onReplayed: (count: number) => void = () => {},
): Promise<Replayed> {
  const from = deadLetterQueueOf(queue);
  const to = from.slice(0, -".dead".length);
  const replayed: string[] = [];
  for await (const delivery of select(channel, from, selection)) {
    if (stop.aborted) return { ids: replayed, interrupted: true };
    await publisher.publish({
      exchange: "",
      routingKey: to,
      body: delivery.body,
      properties: { ...delivery.properties, headers: replayHeaders(delivery) },
      carried: delivery,
    });
    delivery.ack();
    replayed.push(delivery.properties.messageId ?? "");
    onReplayed(replayed.length);
  }
  return { ids: replayed, interrupted: false };
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

type Headers = Readonly<Record<string, unknown>>;

function read({ properties, body }: Delivery): DeadLetter {
  const { messageId = "", contentType, contentEncoding, headers = {} } = properties;
  return {
    id: messageId,
    function: textIn(headers, deadLetterHeaders.function),
    error: textIn(headers, deadLetterHeaders.error),
    at: textIn(headers, deadLetterHeaders.at),
    attempts: numberIn(headers, movedHeaders.attempts),
    source: textIn(headers, deadLetterHeaders.source),
    failedAt: textIn(headers, deadLetterHeaders.failedAt),
    replays: numberIn(headers, movedHeaders.replays),
    contentType,
    contentEncoding,
    headers,
    body,
  };
}

// Its runs count from the beginning again, and how often it was replayed is kept.
function replayHeaders({ properties: { headers = {} } }: Delivery): Record<string, unknown> {
  const dropped: readonly string[] = [...Object.values(deadLetterHeaders), movedHeaders.attempts];
  const kept = Object.entries(carriedHeaders(headers)).filter(([name]) => !dropped.includes(name));
  return { ...Object.fromEntries(kept), [movedHeaders.replays]: numberIn(headers, movedHeaders.replays) + 1 };
}

// Anybody can put a message there, with anything in its headers.
function textIn(headers: Headers, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

function numberIn(headers: Headers, name: string): number {
  const value = headers[name];
  return typeof value === "number" ? value : 0;
}
