import type { Content } from "../protocol/content.ts";
import { decodeProperties, encodeProperties } from "../protocol/properties.ts";
import { long } from "../protocol/table.ts";
import type { Entry } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import type { Store } from "../store/store.ts";

/** What a client receives of an entry; a body that is not in memory is read from the store. */
export function contentOf(queue: Queue, entry: Entry, store: Store): Content {
  const { message } = entry;
  const counted = queue.settings.type === "quorum" && entry.returns > 0;
  if (message.body !== null && !counted) return message as Content;
  return {
    traits: counted ? withDeliveryCount(entry) : message.traits,
    body: message.body ?? store.load(message),
    start: message.body ? message.start : 0,
    size: message.size,
  };
}

function withDeliveryCount({ message, returns }: Entry) {
  const properties = decodeProperties(message.traits);
  const headers = new Map(properties.headers).set("x-delivery-count", long(returns));
  return encodeProperties({ ...properties, headers });
}
