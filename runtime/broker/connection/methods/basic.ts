import { AmqpError, notOnStreams } from "../../errors.ts";
import { Method } from "../../../amqp/method.ts";
import { writeContent } from "../../protocol/content.ts";
import type { Reader } from "../../../amqp/reader.ts";
import { bare } from "../../protocol/replies.ts";
import { findQueue } from "../../vhost/queues.ts";
import type { Channel } from "../channel.ts";
import { contentOf, contentWithin, headerTooLong } from "../content_of.ts";
import { unknownTag } from "../unacked.ts";
import type { Answer } from "../settle.ts";
import type { Handlers } from "./handler.ts";
import { queueName } from "./queue.ts";

export const basicMethods: Handlers = [
  [Method.BasicQos, (channel, fields) => {
    const size = fields.long(), count = fields.short(), global = (fields.octet() & 1) !== 0;
    if (size !== 0) throw new AmqpError("not_implemented", `prefetch_size!=0 (${size})`);
    channel.setPrefetch(count, global && channel.connection.vhost.profile.globalQos);
    bare(channel.connection.out, channel.id, Method.BasicQosOk);
    channel.limit.serve();
  }],
  [Method.BasicGet, (channel, fields) => {
    fields.skip(2);
    const name = queueName(channel, fields.shortString());
    get(channel, name, (fields.octet() & 1) !== 0);
  }],
  [Method.BasicAck, (channel, fields) => {
    const tag = readTag(fields);
    channel.answer(tag, (fields.octet() & 1) !== 0, "ack");
  }],
  [Method.BasicReject, (channel, fields) => {
    const tag = readTag(fields);
    channel.answer(tag, false, (fields.octet() & 1) !== 0 ? "requeue" : "reject");
  }],
  [Method.BasicNack, (channel, fields) => {
    const tag = readTag(fields), flags = fields.octet();
    channel.answer(tag, (flags & 1) !== 0, (flags & 2) !== 0 ? returnedAs(channel) : "reject");
  }],
  [Method.BasicRecoverAsync, recover],
  [Method.BasicRecover, (channel, fields) => {
    recover(channel, fields);
    bare(channel.connection.out, channel.id, Method.BasicRecoverOk);
  }],
];

/** Throws 406 for a tag beyond 2^53: it was never given out, and a number cannot hold it. */
function readTag(fields: Reader): number {
  const at = fields.at;
  const tag = fields.longlong();
  if (!Number.isSafeInteger(tag)) throw unknownTag(fields.bytes.readBigUInt64BE(at));
  return tag;
}

/** How basic.nack and basic.recover return a message. */
function returnedAs({ connection }: Channel): Answer {
  return connection.vhost.profile.quorum.nackFails ? "requeue" : "release";
}

function recover(channel: Channel, fields: Reader): void {
  if ((fields.octet() & 1) === 0) throw new AmqpError("not_implemented", "requeue=false");
  channel.answerAll(returnedAs(channel));
}

function get(channel: Channel, name: string, noAck: boolean): void {
  const { connection, id, unacked } = channel;
  const { out, vhost, session } = connection;
  const queue = findQueue(vhost, name, connection);
  if (queue.settings.type === "stream") throw notOnStreams("basic.get", queue);
  const entry = queue.take();
  if (!entry) {
    out.method(id, Method.BasicGetEmpty).shortString("").end();
    return;
  }
  const all = contentOf(queue, entry, vhost, true);
  const content = contentWithin(session.frameMax, all);
  if (!content) {
    queue.requeue([entry]);
    throw headerTooLong(all, session.frameMax);
  }
  const tag = unacked.nextTag();
  out.method(id, Method.BasicGetOk).longlong(tag).octet(entry.redelivered ? 1 : 0)
    .raw(entry.message.origin.envelope).long(queue.length).end();
  writeContent(out, id, content, session.frameMax);
  if (noAck) queue.settle(entry);
  else unacked.add(tag, { entry, queue, consumer: undefined });
}
