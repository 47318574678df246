import { Buffer } from "node:buffer";
import { AmqpError } from "../errors.ts";
import { type Content, headerFrameSize } from "../protocol/content.ts";
import { FRAME_OVERHEAD } from "../../amqp/method.ts";
import { decodeProperties, encodeProperties } from "../../amqp/properties.ts";
import { long } from "../../amqp/table.ts";
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

/**
 * The same for a client that takes frames of `frameMax` bytes: where the header needs more, without what the broker
 * itself noted in it. Nothing where that does not help, as with headers from a client that takes longer frames.
 */
export function contentWithin(frameMax: number, content: Content): Content | undefined {
  if (headerFrameSize(content) <= frameMax) return content;
  const bare = withoutNotes(content);
  // As with RabbitMQ, what a frame of a publisher holds may be as long as the whole frame should be.
  return headerFrameSize(bare) - FRAME_OVERHEAD <= frameMax ? bare : undefined;
}

/** What the client is told that cannot be sent a message. */
export function headerTooLong({ propertiesSize }: Content, frameMax: number): AmqpError {
  const why =
    `a message's properties of ${propertiesSize} bytes do not fit into the frame_max of ${frameMax} agreed on`;
  return new AmqpError("precondition_failed", why, 0);
}

const notes = /^x-(death|(first|last)-death-(exchange|queue|reason)|delivery-count)$/;

function withoutNotes({ data, start, propertiesSize, size }: Content): Content {
  const properties = decodeProperties(data, start, propertiesSize);
  const headers = new Map([...properties.headers ?? []].filter(([name]) => !notes.test(name)));
  const encoded = encodeProperties({ ...properties, headers });
  const body = data.subarray(start + propertiesSize, start + propertiesSize + size);
  return { data: Buffer.concat([encoded, body]), start: 0, propertiesSize: encoded.length, size };
}

function withDeliveryCount({ data, start, propertiesSize, size }: Content, returns: number): Content {
  const properties = decodeProperties(data, start, propertiesSize);
  const headers = new Map(properties.headers).set("x-delivery-count", long(returns));
  const encoded = encodeProperties({ ...properties, headers });
  const body = data.subarray(start + propertiesSize, start + propertiesSize + size);
  return { data: Buffer.concat([encoded, body]), start: 0, propertiesSize: encoded.length, size };
}
