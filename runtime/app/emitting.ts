import type { Caller, SendOptions } from "../core/api/context.ts";
import { NoSuchExchange, Unroutable } from "../core/ports/amqp_errors.ts";
import type { SendOperation } from "../observe/metrics/source.ts";
import type { Sent } from "./sent.ts";
import type { Unrouted } from "./unrouted.ts";

/** What a function that may publish to nobody is made with. */
export interface EmittingParts {
  readonly caller: Caller;
  /** The exchanges that the function's `emits` names. */
  readonly emits: ReadonlySet<string>;
  readonly unrouted: Unrouted;
  /** Counts what the function sends. */
  readonly sent: Sent;
  /** Declares the function's exchanges again, as one of them is gone. */
  readonly renew: () => Promise<void>;
}

type Publish = (options: SendOptions) => Promise<string | void>;

/**
 * A function's caller. A message that no queue takes is an error, which says how to allow it. Where the function's
 * `emits` names the exchange, or the options say `mandatory: false`, it is only counted.
 */
export function emitting({ caller, emits, unrouted, sent, renew }: EmittingParts): Caller {
  const counted = async <T>(operation: SendOperation, sending: Promise<T>): Promise<T> => {
    try {
      const result = await sending;
      sent.add(operation);
      return result;
    } catch (error) {
      sent.failed(operation, error);
      throw error;
    }
  };
  const publishTo = async (exchange: string, routingKey: string, options: SendOptions, publish: Publish) => {
    const { mandatory = !emits.has(exchange) } = options;
    // The broker reports a message that it cannot route only if it is asked to.
    const asking = mandatory === false ? { ...options, mandatory: true } : options;
    try {
      return await renewing(publish, asking, exchange);
    } catch (error) {
      if (!isUnheard(error)) throw error;
      if (mandatory) throw advised(error, exchange, routingKey);
      unrouted.add(exchange, routingKey);
    }
  };
  const renewing = async (publish: Publish, options: SendOptions, exchange: string) => {
    try {
      return await publish(options);
    } catch (error) {
      if (!(error instanceof NoSuchExchange) || !emits.has(exchange)) throw error;
      await renew();
      return await publish(options);
    }
  };
  const send = (queue: string, body: unknown, options: SendOptions = {}) =>
    counted("send", publishTo("", queue, options, (options) => caller.send(queue, body, options)));
  return {
    send: send as Caller["send"],
    async publish(exchange, routingKey, body, options = {}) {
      const publish: Publish = (options) => caller.publish(exchange, routingKey, body, options);
      await counted("publish", publishTo(exchange, routingKey, options, publish));
    },
    call: (name, input, options) => counted("call", caller.call(name, input, options)),
    cancel: caller.cancel,
  };
}

function isUnheard(error: unknown): error is Unroutable | NoSuchExchange {
  return error instanceof Unroutable || error instanceof NoSuchExchange;
}

function advised(error: Unroutable | NoSuchExchange, exchange: string, routingKey: string): Error {
  const advice =
    `where nobody has to hear it, write in the function's file: emits: { ${
      JSON.stringify(exchange)
    }: "topic" }, ` +
    "with the exchange's type, or publish with { mandatory: false }";
  return error instanceof Unroutable
    ? new Unroutable(exchange, routingKey, advice)
    : new NoSuchExchange(exchange, advice);
}
