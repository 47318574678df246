/** Writes the methods that the broker sends, each with the fields that the protocol says. */
import type { AmqpError } from "../errors.ts";
import { classOf, Method, methodOf } from "../../amqp/method.ts";
import type { Output } from "../../amqp/output.ts";
import { type Table, writeTable } from "../../amqp/table.ts";

/** A method without fields: most of the `…Ok`s. */
export function bare(out: Output, channel: number, method: typeof Method[keyof typeof Method]): void {
  out.method(channel, method).end();
}

export function connectionStart(out: Output, properties: Table): void {
  out.method(0, Method.ConnectionStart).octet(0).octet(9);
  writeTable(out, properties);
  out.longString("PLAIN AMQPLAIN").longString("en_US").end();
}

export function connectionTune(out: Output, channelMax: number, frameMax: number, heartbeat: number): void {
  out.method(0, Method.ConnectionTune).short(channelMax).long(frameMax).short(heartbeat).end();
}

export function connectionOpenOk(out: Output): void {
  out.method(0, Method.ConnectionOpenOk).shortString("").end();
}

export function connectionClose(out: Output, error: AmqpError, method: number): void {
  out.method(0, Method.ConnectionClose).short(error.code).shortString(error.replyText)
    .short(classOf(method)).short(methodOf(method)).end();
}

export function connectionBlocked(out: Output, reason: string): void {
  out.method(0, Method.ConnectionBlocked).shortString(reason).end();
}

export function channelOpenOk(out: Output, channel: number): void {
  out.method(channel, Method.ChannelOpenOk).longString("").end();
}

export function channelClose(out: Output, channel: number, error: AmqpError, method: number): void {
  out.method(channel, Method.ChannelClose).short(error.code).shortString(error.replyText)
    .short(classOf(method)).short(methodOf(method)).end();
}

export function channelFlowOk(out: Output, channel: number, active: boolean): void {
  out.method(channel, Method.ChannelFlowOk).octet(active ? 1 : 0).end();
}

export function accessRequestOk(out: Output, channel: number): void {
  out.method(channel, Method.AccessRequestOk).short(1).end();
}

export function queueDeclareOk(
  out: Output,
  channel: number,
  name: string,
  messages: number,
  consumers: number,
): void {
  out.method(channel, Method.QueueDeclareOk).shortString(name).long(messages).long(consumers).end();
}

export function queuePurgeOk(out: Output, channel: number, messages: number): void {
  out.method(channel, Method.QueuePurgeOk).long(messages).end();
}

export function queueDeleteOk(out: Output, channel: number, messages: number): void {
  out.method(channel, Method.QueueDeleteOk).long(messages).end();
}

export function basicConsumeOk(out: Output, channel: number, consumerTag: string): void {
  out.method(channel, Method.BasicConsumeOk).shortString(consumerTag).end();
}

export function basicCancelOk(out: Output, channel: number, consumerTag: string): void {
  out.method(channel, Method.BasicCancelOk).shortString(consumerTag).end();
}

/** The broker cancels a consumer, as its queue is gone; it expects no answer. */
export function basicCancel(out: Output, channel: number, consumerTag: string): void {
  out.method(channel, Method.BasicCancel).shortString(consumerTag).octet(1).end();
}

export function basicAck(out: Output, channel: number, tag: number, multiple: boolean): void {
  out.method(channel, Method.BasicAck).longlong(tag).octet(multiple ? 1 : 0).end();
}

export function basicNack(out: Output, channel: number, tag: number): void {
  out.method(channel, Method.BasicNack).longlong(tag).octet(0).end();
}
