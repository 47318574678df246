import { Buffer } from "node:buffer";
import type { Content } from "../protocol/content.ts";
import { decodeProperties, encodeProperties } from "../protocol/properties.ts";
import { long } from "../protocol/table.ts";
import type { Entry } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import type { Store } from "../store/store.ts";

/**
 * What a client receives of an entry; a message that is not in memory is read from the store. A quorum queue tells
 * how often it was returned: a get always, a delivery from the first return on.
 */
export function contentOf(queue: Queue, entry: Entry, store: Store, isGet = false): Content {
  const { message } = entry;
  const content = message.data ? message as Content : {
    data: store.load(message),
    start: 0,
    propertiesSize: message.propertiesSize,
    size: message.size,
  };
  return queue.settings.type === "quorum" && (isGet || entry.returns > 0)
    ? withDeliveryCount(content, entry.returns)
    : content;
}

function withDeliveryCount({ data, start, propertiesSize, size }: Content, returns: number): Content {
  const properties = decodeProperties(data, start, propertiesSize);
  const headers = new Map(properties.headers).set("x-delivery-count", long(returns));
  const encoded = encodeProperties({ ...properties, headers });
  const body = data.subarray(start + propertiesSize, start + propertiesSize + size);
  return { data: Buffer.concat([encoded, body]), start: 0, propertiesSize: encoded.length, size };
}
