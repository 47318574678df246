import type { Caller } from "../core/api/context.ts";
import type { Publisher } from "../core/ports/amqp.ts";
import { NoSuchExchange } from "../core/ports/amqp_errors.ts";
import { outgoing } from "./encode.ts";
import type { Calls } from "./calls.ts";

/** `send`, `publish` and `call` over a connection that the caller keeps open. */
export function createSender(publisher: Publisher, calls: Calls): Caller {
  return {
    async send(queue, body, options = {}) {
      const message = outgoing("", queue, body, options);
      await publisher.publish(message instanceof Promise ? await message : message);
    },
    async publish(exchange, routingKey, body, options = {}) {
      const message = outgoing(exchange, routingKey, body, options);
      try {
        await publisher.publish(message instanceof Promise ? await message : message);
      } catch (error) {
        // The broker reports this even for a message that need not be routed.
        if (options.mandatory !== false || !(error instanceof NoSuchExchange)) throw error;
      }
    },
    async call<Output>(name: string, input?: unknown, options = {}) {
      return await calls.call(name, input, options) as Output;
    },
  };
}
