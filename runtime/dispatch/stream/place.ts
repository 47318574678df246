import type { HelperQueue, LookChannel } from "../../core/ports/amqp.ts";
import type { HelperQueues } from "../settle/helper_queues.ts";

/** Where a function is in its stream: at an offset, or, before its first message, at a time (seconds since 1970). */
export type Place = { readonly offset: number } | { readonly time: number };

/** Keeps a place in a queue of one message, and resolves when the broker has confirmed it. */
export async function keepPlace(queues: HelperQueues, queue: HelperQueue, place: Place): Promise<void> {
  await queues.publish({
    exchange: "",
    routingKey: queue.name,
    body: new TextEncoder().encode(JSON.stringify(place)),
    properties: { contentType: "application/json", persistent: true },
  }, queue);
}

/** The place that was kept last; `undefined` if there is none. The messages stay in the queue. */
export async function readPlace(channel: LookChannel, queue: string): Promise<Place | undefined> {
  let found: Place | undefined;
  for (let next = await channel.get(queue); next; next = await channel.get(queue)) {
    const place = parsePlace(next.body);
    // A reader that was cut off may have written after the one that followed it.
    if (place && (found === undefined || orderOf(place) > orderOf(found))) found = place;
  }
  return found;
}

/** A place that was kept; `undefined` for what is none, such as a message of somebody else. */
export function parsePlace(body: Uint8Array): Place | undefined {
  try {
    const { offset, time } = JSON.parse(new TextDecoder().decode(body));
    if (Number.isSafeInteger(offset) && offset >= 0) return { offset };
    return Number.isSafeInteger(time) && time >= 0 ? { time } : undefined;
  } catch {
    return undefined;
  }
}

// A time is only kept before the first offset.
function orderOf(place: Place): number {
  return "offset" in place ? place.offset : -1;
}

/** A place, or a setting `from`, as the argument `x-stream-offset`. */
export function offsetArgument(from: Place | string | number): unknown {
  if (typeof from === "object") return "offset" in from ? from.offset : timestamp(from.time);
  const isTime = typeof from === "string" && /^\d/.test(from);
  return isTime ? timestamp(Math.floor(Date.parse(from) / 1000)) : from;
}

function timestamp(value: number): unknown {
  return { "!": "timestamp", value };
}
