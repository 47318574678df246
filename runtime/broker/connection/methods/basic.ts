import { AmqpError } from "../../errors.ts";
import { Method } from "../../../amqp/method.ts";
import { writeContent } from "../../protocol/content.ts";
import type { Reader } from "../../../amqp/reader.ts";
import { bare } from "../../protocol/replies.ts";
import { findQueue } from "../../vhost/queues.ts";
import type { Channel } from "../channel.ts";
import { contentOf, contentWithin, headerTooLong } from "../content_of.ts";
import { unknownTag } from "../unacked.ts";
import { type Answer, answer, settle } from "../settle.ts";
import type { Handler } from "./mod.ts";
import { queueName } from "./queue.ts";

export const basicMethods: [number, Handler][] = [
  [Method.BasicQos, (channel, fields) => {
    const size = fields.long(), count = fields.short(), global = (fields.octet() & 1) !== 0;
    if (size !== 0) throw new AmqpError("not_implemented", `prefetch_size!=0 (${size})`);
    const forAll = global && channel.connection.vhost.profile.globalQos;
    if (!forAll) channel.consumerPrefetch = count;
    channel.prefetch = forAll ? count : 0;
    bare(channel.connection.out, channel.id, Method.BasicQosOk);
    channel.serve();
  }],
  [Method.BasicGet, (channel, fields) => {
    fields.skip(2);
    const name = queueName(channel, fields.shortString());
    get(channel, name, (fields.octet() & 1) !== 0);
  }],
  [Method.BasicAck, (channel, fields) => {
    const tag = readTag(fields);
    answer(channel, tag, (fields.octet() & 1) !== 0, "ack");
  }],
  [Method.BasicReject, (channel, fields) => {
    const tag = readTag(fields);
    answer(channel, tag, false, (fields.octet() & 1) !== 0 ? "requeue" : "reject");
  }],
  [Method.BasicNack, (channel, fields) => {
    const tag = readTag(fields), flags = fields.octet();
    answer(channel, tag, (flags & 1) !== 0, (flags & 2) !== 0 ? unanswered(channel) : "reject");
  }],
  [Method.BasicRecoverAsync, recover],
  [Method.BasicRecover, (channel, fields) => {
    recover(channel, fields);
    bare(channel.connection.out, channel.id, Method.BasicRecoverOk);
  }],
];

/** A tag beyond 2^53 was never given out, and would not survive as a number. */
function readTag(fields: Reader): number {
  const at = fields.at;
  const tag = fields.longlong();
  if (!Number.isSafeInteger(tag)) throw unknownTag(fields.bytes.readBigUInt64BE(at));
  return tag;
}

/** What a message that is given back without a word on it counts as. */
function unanswered({ connection }: Channel): Answer {
  return connection.vhost.profile.quorum.nackFails ? "requeue" : "release";
}

function recover(channel: Channel, fields: Reader): void {
  if ((fields.octet() & 1) === 0) throw new AmqpError("not_implemented", "requeue=false");
  settle(channel, channel.unacked.takeAll(), unanswered(channel));
}

function get(channel: Channel, name: string, noAck: boolean): void {
  const { connection, id, unacked } = channel;
  const { out, vhost } = connection;
  const queue = findQueue(vhost, name, connection);
  const entry = queue.take();
  if (!entry) {
    out.method(id, Method.BasicGetEmpty).shortString("").end();
    return;
  }
  const all = contentOf(queue, entry, vhost, true);
  const content = contentWithin(connection.frameMax, all);
  if (!content) {
    queue.requeue([entry]);
    throw headerTooLong(all, connection.frameMax);
  }
  const tag = unacked.nextTag();
  out.method(id, Method.BasicGetOk).longlong(tag).octet(entry.redelivered ? 1 : 0)
    .raw(entry.message.origin.envelope).long(queue.length).end();
  writeContent(out, id, content, connection.frameMax);
  if (noAck) queue.settle(entry);
  else unacked.add(tag, { entry, queue, consumer: undefined });
}
