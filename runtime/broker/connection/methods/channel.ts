import { AmqpError } from "../../errors.ts";
import { Method } from "../../../amqp/method.ts";
import { accessRequestOk, bare, channelFlowOk } from "../../protocol/replies.ts";
import type { Handlers } from "./handler.ts";

export const channelMethods: Handlers = [
  [Method.ChannelOpen, () => {
    throw new AmqpError("channel_error", "second 'channel.open' seen");
  }],
  [Method.ChannelClose, (channel) => {
    const { connection, id } = channel;
    channel.close();
    connection.channelClosed(id);
    bare(connection.out, id, Method.ChannelCloseOk);
  }],
  [Method.ChannelFlow, (channel, fields) => {
    if ((fields.octet() & 1) === 0) throw new AmqpError("not_implemented", "active=false");
    channelFlowOk(channel.connection.out, channel.id, true);
  }],
  [Method.AccessRequest, (channel) => accessRequestOk(channel.connection.out, channel.id)],
];
