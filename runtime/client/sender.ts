import type { Caller } from "../core/context.ts";
import type { Publisher } from "../core/link.ts";
import { outgoing } from "./encode.ts";
import type { Calls } from "./calls.ts";

/** Sends, publishes and calls over a link that somebody else keeps up. */
export function createSender(publisher: Publisher, calls: Calls): Caller {
  return {
    async send(queue, body, options = {}) {
      const message = outgoing("", queue, body, options);
      await publisher.publish(message instanceof Promise ? await message : message);
    },
    async publish(exchange, routingKey, body, options = {}) {
      const message = outgoing(exchange, routingKey, body, options);
      await publisher.publish(message instanceof Promise ? await message : message);
    },
    async call<Output>(name: string, input?: unknown, options = {}) {
      return await calls.call(name, input, options) as Output;
    },
  };
}
