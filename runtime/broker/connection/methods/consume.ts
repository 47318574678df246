import { AmqpError, queueNamed } from "../../errors.ts";
import { Method } from "../../../amqp/method.ts";
import { basicCancelOk, basicConsumeOk } from "../../protocol/replies.ts";
import { isInteger, readTable, type Table } from "../../../amqp/table.ts";
import type { Profile } from "../../profile.ts";
import type { Queue } from "../../queue/queue.ts";
import { type StreamStart, streamStart } from "../../queue/stream_start.ts";
import { generatedName } from "../../vhost/names.ts";
import { findQueue } from "../../vhost/queues.ts";
import type { Channel } from "../channel.ts";
import { ChannelConsumer } from "../channel_consumer.ts";
import { replyQueue } from "../reply_address.ts";
import type { Handlers } from "./handler.ts";
import { queueName } from "./queue.ts";

export const consumeMethods: Handlers = [
  [Method.BasicConsume, (channel, fields) => {
    fields.skip(2);
    const name = queueName(channel, fields.shortString());
    const tag = fields.shortString();
    const flags = fields.octet();
    const args = readTable(fields);
    consume(channel, {
      name,
      tag,
      noAck: (flags & 2) !== 0,
      exclusive: (flags & 4) !== 0,
      noWait: (flags & 8) !== 0,
      args,
    });
  }],
  [Method.BasicCancel, (channel, fields) => {
    const tag = fields.shortString();
    const noWait = (fields.octet() & 1) !== 0;
    if (channel.replies.tag === tag) channel.replies.close();
    channel.unsubscribe(tag);
    if (!noWait) basicCancelOk(channel.connection.out, channel.id, tag);
  }],
];

interface ConsumeRequest {
  name: string;
  tag: string;
  noAck: boolean;
  exclusive: boolean;
  noWait: boolean;
  args: Table;
}

function consume(channel: Channel, request: ConsumeRequest): void {
  const { connection, id, consumers } = channel;
  if (consumers.has(request.tag) || (request.tag !== "" && channel.replies.tag === request.tag)) {
    throw new AmqpError("not_allowed", `attempt to reuse consumer tag '${request.tag}'`);
  }
  if (consumers.size >= connection.limits.consumers) {
    throw new AmqpError(
      "not_allowed",
      `reached maximum (${connection.limits.consumers}) of consumers per channel`,
    );
  }
  const tag = request.tag || generatedName("amq.ctag");
  const isReply = request.name === replyQueue;
  const consumer = isReply ? undefined : newConsumer(channel, request, tag);
  if (isReply) {
    if (!request.noAck) throw new AmqpError("precondition_failed", "reply consumer cannot acknowledge");
    channel.replies.consume(tag);
  }
  // The client has to learn of its consumer before the first delivery.
  if (!request.noWait) basicConsumeOk(connection.out, id, tag);
  if (!consumer) return;
  channel.subscribe(consumer);
}

function newConsumer(channel: Channel, request: ConsumeRequest, tag: string): ChannelConsumer {
  const { name, noAck, exclusive, args } = request;
  const queue = findQueue(channel.connection.vhost, name, channel.connection);
  const priority = checkArguments(queue, args, channel.connection.vhost.profile);
  if (!mayConsume(queue, exclusive)) {
    throw new AmqpError("access_refused", `${queueNamed(name)} in exclusive use`);
  }
  if (queue.settings.type === "quorum" && channel.limit.isSet) {
    throw new AmqpError("not_implemented", `${queueNamed(name)} does not support global qos`);
  }
  return new ChannelConsumer(channel, queue, {
    from: queue.settings.type === "stream" ? checkStream(channel, queue, request) : undefined,
    tag,
    noAck,
    exclusive,
    priority,
    prefetch: channel.consumerPrefetch,
  });
}

/** Checks a consumer of a stream, and returns where it begins. */
function checkStream(channel: Channel, { name }: Queue, { noAck, args }: ConsumeRequest): StreamStart {
  const { onlyAck, saysOffset } = channel.connection.vhost.profile.streams;
  const named = onlyAck ? `'${queueNamed(name)}'` : `stream ${queueNamed(name)}`;
  if (channel.consumerPrefetch === 0) {
    throw new AmqpError("precondition_failed", `consumer prefetch count is not set for ${named}`);
  }
  if (noAck) {
    const whose = onlyAck ? `stream queues ${queueNamed(name)}` : named;
    throw new AmqpError("not_implemented", `automatic acknowledgement not supported by ${whose}`);
  }
  const offset = args.get("x-stream-offset");
  const from = streamStart(offset);
  if (from !== undefined) return from;
  if (!saysOffset || offset?.type !== "longstr") throw new AmqpError("internal_error", "");
  throw new AmqpError(
    "precondition_failed",
    `invalid arg 'x-stream-offset' for ${
      queueNamed(name)
    }: {invalid_stream_offset_arg,{longstr,<<"${offset.value}">>}}`,
  );
}

function mayConsume(queue: Queue, exclusive: boolean): boolean {
  // Each consumer of a stream reads all of it, whatever others do.
  if (queue.settings.type === "stream") return true;
  if (queue.consumers.hasExclusive) return false;
  return !exclusive || (queue.consumers.size === 0 && !queue.settings.singleActiveConsumer);
}

/** Checks the arguments of a consumer and returns its priority. */
function checkArguments({ name, settings }: Queue, args: Table, profile: Profile): number {
  const refuse = (text: string) => new AmqpError("precondition_failed", text);
  const invalid = (arg: string, reason: string) =>
    refuse(`invalid arg '${arg}' for ${queueNamed(name)}: ${reason}`);
  const priority = args.get("x-priority"), failover = args.get("x-cancel-on-ha-failover");
  if (priority && !isInteger(priority)) {
    throw invalid("x-priority", `"expected integer, got ${priority.type}"`);
  }
  const isIgnored = profile.arguments.ignored.includes("x-cancel-on-ha-failover");
  if (failover && failover.type !== "bool" && !isIgnored) {
    throw invalid("x-cancel-on-ha-failover", `{unacceptable_type,${failover.type}}`);
  }
  const isStream = settings.type === "stream";
  for (const arg of isStream ? ["x-priority", "x-cancel-on-ha-failover"] : ["x-stream-offset"]) {
    if (!args.has(arg) || profile.arguments.ignored.includes(arg)) continue;
    throw refuse(`invalid arg '${arg}' for ${queueNamed(name)} of queue type rabbit_${settings.type}_queue`);
  }
  return priority ? Number(priority.value) : 0;
}
