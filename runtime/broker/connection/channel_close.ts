import { Method } from "../../amqp/method.ts";
import { bare } from "../protocol/replies.ts";
import type { Channel } from "./channel.ts";

/** A channel that the broker has closed ignores all methods but those of the closing handshake. */
export function channelCloseOk(channel: Channel, method: number): void {
  const { connection, id } = channel;
  if (method === Method.ChannelCloseOk) connection.channelClosed(id);
  if (method === Method.ChannelClose) bare(connection.out, id, Method.ChannelCloseOk);
}
