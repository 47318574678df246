import type { Caller, SendOptions } from "../core/api/context.ts";
import { ArgumentError } from "../core/api/errors.ts";
import type { Outgoing, Publisher } from "../core/ports/amqp.ts";
import { NoSuchExchange, Unroutable } from "../core/ports/amqp_errors.ts";
import type { Delays } from "./delay/delays.ts";
import { dueOf } from "./delay/due.ts";
import { outgoing } from "./encode.ts";
import type { Calls } from "./calls.ts";

/** `send`, `publish`, `call` and `cancel` over a connection that the caller keeps open. */
export function createSender(publisher: Publisher, calls: Calls, delays: Delays): Caller {
  const sendDue = (message: Outgoing, options: SendOptions): Promise<string | void> => {
    const due = dueOf(options, Date.now());
    if (due === undefined) return publisher.publish(message);
    return delays.send(publisher, message, due, options.cancel ?? false);
  };
  const send = async (queue: string, body: unknown, options: SendOptions = {}) => {
    try {
      const message = outgoing("", queue, body, options);
      return await sendDue(message instanceof Promise ? await message : message, options);
    } catch (error) {
      // A delay needs the queue, whether or not the message must reach it.
      if (options.mandatory !== false || !(error instanceof Unroutable)) throw error;
    }
  };
  return {
    send: send as Caller["send"],
    async publish(exchange, routingKey, body, options = {}) {
      if (options.cancel) {
        throw new ArgumentError(
          "Option 'cancel' goes with send: a published message needs its routing key, and an id takes its place",
        );
      }
      const message = outgoing(exchange, routingKey, body, options);
      try {
        await sendDue(message instanceof Promise ? await message : message, options);
      } catch (error) {
        // The broker reports this even for a message that need not be routed.
        if (options.mandatory !== false || !(error instanceof NoSuchExchange)) throw error;
      }
    },
    call: <Output>(name: string, input?: unknown, options = {}) =>
      calls.call(name, input, options) as Promise<Output>,
    cancel: (id) => delays.cancel(id),
  };
}
