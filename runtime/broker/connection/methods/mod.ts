import type { Buffer } from "node:buffer";
import { Malformed } from "../../../amqp/malformed.ts";
import { AmqpError } from "../../errors.ts";
import { checkFields } from "../../protocol/layout.ts";
import { isKnown, Method } from "../../../amqp/method.ts";
import { Reader } from "../../../amqp/reader.ts";
import type { Channel } from "../channel.ts";
import { basicMethods } from "./basic.ts";
import { channelMethods } from "./channel.ts";
import { consumeMethods } from "./consume.ts";
import { exchangeMethods } from "./exchange.ts";
import type { Handler } from "./handler.ts";
import { modeMethods } from "./mode.ts";
import { queueMethods } from "./queue.ts";

const handlers: ReadonlyMap<number, Handler> = new Map([
  ...channelMethods,
  ...exchangeMethods,
  ...queueMethods,
  ...basicMethods,
  ...consumeMethods,
  ...modeMethods,
]);

/** A method on a channel of its own: reads its fields and does what it says. */
export function channelMethod(
  channel: Channel,
  method: number,
  bytes: Buffer,
  at: number,
  end: number,
): void {
  const handler = handlers.get(method);
  if (!handler) {
    if (!isKnown(method)) throw new Malformed(`There is no method ${method}`);
    const { unaskedCancelOk } = channel.connection.vhost.profile;
    if (method === Method.BasicCancelOk && unaskedCancelOk === "internal_error") {
      throw new AmqpError(unaskedCancelOk, "", 0);
    }
    throw new AmqpError("command_invalid", "unimplemented method");
  }
  checkFields(method, bytes, at, end);
  handler(channel, new Reader(bytes, at, end));
}
