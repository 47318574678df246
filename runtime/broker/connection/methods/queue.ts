import { AmqpError, noQueue, notOnStreams } from "../../errors.ts";
import { Method } from "../../../amqp/method.ts";
import type { Reader } from "../../../amqp/reader.ts";
import { bare, queueDeclareOk, queueDeleteOk, queuePurgeOk } from "../../protocol/replies.ts";
import { readTable } from "../../../amqp/table.ts";
import { bind, type BindingRequest, unbind } from "../../vhost/bindings.ts";
import { stripLineBreaks } from "../../vhost/names.ts";
import { declareQueue, deleteQueue, findQueue } from "../../vhost/queues.ts";
import type { Channel } from "../channel.ts";
import { isReplyAddress, replyPrefix, replyQueue } from "../reply_address.ts";
import type { Handlers } from "./handler.ts";

/** An empty name stands for the queue that this channel declared last. Throws 404 where it declared none. */
export function queueName(channel: Channel, name: string): string {
  if (name !== "") return stripLineBreaks(name);
  if (channel.lastQueue === "") throw new AmqpError("not_found", "no previously declared queue");
  return channel.lastQueue;
}

export const queueMethods: Handlers = [
  [Method.QueueDeclare, (channel, fields) => {
    const { connection, id } = channel;
    fields.skip(2);
    const given = fields.shortString();
    const flags = fields.octet();
    const passive = (flags & 1) !== 0;
    const noWait = (flags & 16) !== 0;
    const args = readTable(fields);
    const name = stripLineBreaks(given);
    if (isOpenAddress(channel, name)) {
      channel.declared(name);
      if (!noWait) queueDeclareOk(connection.out, id, name, 0, 1);
      return;
    }
    const queue = declareQueue(connection.vhost, {
      name,
      passive,
      durable: (flags & 2) !== 0,
      exclusive: (flags & 4) !== 0,
      autoDelete: (flags & 8) !== 0,
      args,
    }, connection);
    channel.declared(queue.name);
    if (!noWait) queueDeclareOk(connection.out, id, queue.name, queue.length, queue.consumers.size);
  }],
  [Method.QueueBind, (channel, fields) => {
    const { connection, id } = channel;
    fields.skip(2);
    const { name, source, key } = readEnds(channel, fields);
    const noWait = (fields.octet() & 1) !== 0;
    bind(connection.vhost, queueBinding(name, source, key, fields), connection);
    if (!noWait) bare(connection.out, id, Method.QueueBindOk);
  }],
  [Method.QueueUnbind, (channel, fields) => {
    const { connection, id } = channel;
    fields.skip(2);
    const { name, source, key } = readEnds(channel, fields);
    unbind(connection.vhost, queueBinding(name, source, key, fields), connection);
    bare(connection.out, id, Method.QueueUnbindOk);
  }],
  [Method.QueuePurge, (channel, fields) => {
    const { connection, id } = channel;
    fields.skip(2);
    const name = queueName(channel, fields.shortString());
    const noWait = (fields.octet() & 1) !== 0;
    const queue = findQueue(connection.vhost, name, connection);
    if (queue.settings.type === "stream") throw notOnStreams("queue.purge", queue);
    const count = queue.purge();
    if (!noWait) queuePurgeOk(connection.out, id, count);
  }],
  [Method.QueueDelete, (channel, fields) => {
    const { connection, id } = channel;
    fields.skip(2);
    const name = queueName(channel, fields.shortString());
    const flags = fields.octet();
    const conditions = { ifUnused: (flags & 1) !== 0, ifEmpty: (flags & 2) !== 0 };
    const count = deleteQueue(connection.vhost, name, conditions, connection);
    if ((flags & 4) === 0) queueDeleteOk(connection.out, id, count);
  }],
];

function readEnds(channel: Channel, fields: Reader): { name: string; source: string; key: string } {
  const given = fields.shortString();
  const name = queueName(channel, given);
  const source = stripLineBreaks(fields.shortString());
  const key = fields.shortString();
  return { name, source, key: given === "" && key === "" ? name : key };
}

function queueBinding(destination: string, source: string, key: string, fields: Reader): BindingRequest {
  return { kind: "queue", source, destination, key, args: readTable(fields) };
}

/** Whether the name is a reply address that somebody consumes from. Throws where nobody does. */
function isOpenAddress({ connection: { vhost } }: Channel, name: string): boolean {
  if (name === replyQueue || vhost.replies.has(name)) return true;
  if (!name.startsWith(replyPrefix)) return false;
  const { madeUpAddress } = vhost.profile.replies;
  if (isReplyAddress(name) || madeUpAddress === "not_found") throw noQueue(name);
  throw new AmqpError(madeUpAddress, "", 0);
}
