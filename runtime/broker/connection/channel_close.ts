import { Method } from "../../amqp/method.ts";
import { bare } from "../protocol/replies.ts";
import type { Channel } from "./channel.ts";

/** A channel the server has closed hears nothing but the client's side of the closing. */
export function channelCloseOk(channel: Channel, method: number): void {
  const { connection, id } = channel;
  if (method === Method.ChannelCloseOk) connection.channels.delete(id);
  if (method === Method.ChannelClose) bare(connection.out, id, Method.ChannelCloseOk);
}
