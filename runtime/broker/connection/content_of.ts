import { Buffer } from "node:buffer";
import { AmqpError } from "../errors.ts";
import { type Content, headerFrameSize } from "../protocol/content.ts";
import { FRAME_OVERHEAD } from "../../amqp/method.ts";
import { decodeProperties, encodeProperties } from "../../amqp/properties.ts";
import { long } from "../../amqp/table.ts";
import type { QuorumProfile } from "../profile.ts";
import type { Entry } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import { offsetOf } from "../queue/stream.ts";
import type { VirtualHost } from "../vhost/vhost.ts";

/** What a client is sent of an entry. A message that is not in memory is read from the store. */
export function contentOf(
  queue: Queue,
  entry: Entry,
  { store, profile: { quorum } }: VirtualHost,
  isGet = false,
): Content {
  const { message } = entry;
  const content = message.data ? message as Content : {
    data: store.load(message),
    start: 0,
    propertiesSize: message.propertiesSize,
    size: message.size,
  };
  if (queue.settings.type === "classic") return content;
  if (queue.settings.type === "stream") return withCounts(content, [["x-stream-offset", offsetOf(entry)]]);
  return withCounts(content, countsOf(entry, quorum, isGet));
}

/**
 * The same for a client whose frames have at most `frameMax` bytes. Where the header needs more, the headers that the
 * broker itself wrote are left out. Undefined where that is not enough, as the publisher agreed on longer frames.
 */
export function contentWithin(frameMax: number, content: Content): Content | undefined {
  if (headerFrameSize(content) <= frameMax) return content;
  const bare = withoutOwnHeaders(content);
  // As with RabbitMQ, the payload of a publisher's frame may be as long as its whole frame should be.
  return headerFrameSize(bare) - FRAME_OVERHEAD <= frameMax ? bare : undefined;
}

/** What a client is told that cannot be sent a message, as its frames are too short. */
export function headerTooLong({ propertiesSize }: Content, frameMax: number): AmqpError {
  const why =
    `a message's properties of ${propertiesSize} bytes do not fit into the frame_max of ${frameMax} agreed on`;
  return new AmqpError("precondition_failed", why, 0);
}

/** Headers that the broker itself writes. */
const ownHeaders = /^x-(death|(first|last)-death-(exchange|queue|reason)|(delivery|acquired)-count)$/;

function withoutOwnHeaders({ data, start, propertiesSize, size }: Content): Content {
  const properties = decodeProperties(data, start, propertiesSize);
  const headers = new Map([...properties.headers ?? []].filter(([name]) => !ownHeaders.test(name)));
  const encoded = encodeProperties({ ...properties, headers });
  const body = data.subarray(start + propertiesSize, start + propertiesSize + size);
  return { data: Buffer.concat([encoded, body]), start: 0, propertiesSize: encoded.length, size };
}

/** The headers in which a quorum queue counts returns. There is none before the first return, but for basic.get. */
function countsOf(
  { returns, failures }: Entry,
  { countsAcquired }: QuorumProfile,
  isGet: boolean,
): [string, number][] {
  if (!countsAcquired) return isGet || returns > 0 ? [["x-delivery-count", failures]] : [];
  const counts: [string, number][] = [["x-acquired-count", returns], ["x-delivery-count", failures]];
  return counts.filter(([, count]) => count > 0);
}

function withCounts(content: Content, counts: readonly [string, number][]): Content {
  if (counts.length === 0) return content;
  const { data, start, propertiesSize, size } = content;
  const properties = decodeProperties(data, start, propertiesSize);
  const headers = new Map(properties.headers);
  for (const [name, count] of counts) headers.set(name, long(count));
  const encoded = encodeProperties({ ...properties, headers });
  const body = data.subarray(start + propertiesSize, start + propertiesSize + size);
  return { data: Buffer.concat([encoded, body]), start: 0, propertiesSize: encoded.length, size };
}
