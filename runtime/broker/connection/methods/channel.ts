import { AmqpError } from "../../errors.ts";
import { Method } from "../../protocol/method.ts";
import { accessRequestOk, bare, channelFlowOk, channelOpenOk } from "../../protocol/replies.ts";
import type { Handler } from "./mod.ts";

export const channelMethods: [number, Handler][] = [
  [Method.ChannelOpen, (channel) => {
    if (channel.opened) throw new AmqpError("channel_error", "second 'channel.open' seen");
    channel.opened = true;
    channelOpenOk(channel.connection.out, channel.id);
  }],
  [Method.ChannelClose, (channel) => {
    const { connection, id } = channel;
    channel.flushConfirms();
    channel.end();
    connection.channels.delete(id);
    bare(connection.out, id, Method.ChannelCloseOk);
  }],
  // An answer to a close that was never sent, or was given up; RabbitMQ takes it in silence too.
  [Method.ChannelCloseOk, () => {}],
  [Method.ChannelFlow, (channel, fields) => {
    if ((fields.octet() & 1) === 0) throw new AmqpError("not_implemented", "active=false");
    channelFlowOk(channel.connection.out, channel.id, true);
  }],
  [Method.ChannelFlowOk, () => {}],
  [Method.AccessRequest, (channel) => accessRequestOk(channel.connection.out, channel.id)],
];
