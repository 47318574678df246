/**
 * Calls Hopper's functions, and any other AMQP consumer, from a program of its own.
 *
 * @example
 * ```ts ignore
 * import { connect } from "hopper/client";
 *
 * await using hopper = await connect();
 * console.log(await hopper.call("fib", 30, { timeout: "5s" }));
 * await hopper.send("task_queue", { id: 1 });
 * await hopper.publish("logs", "", "Disk is full");
 * ```
 * @module
 */
import type { Caller, CallOptions, SendOptions } from "../core/api/context.ts";
import type { Duration } from "../core/api/duration.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import type { Supervisor } from "../link/supervisor.ts";
import { Calls } from "./calls.ts";
import { openLink } from "./open_link.ts";
import { ServedRpcs } from "./served.ts";
import { createSender } from "./sender.ts";

export type { Caller, CallOptions, Duration, SendOptions };
export { ArgumentError, HopperError, RpcError } from "../core/api/errors.ts";
export {
  BrokerBlocked,
  BrokerError,
  CallTimeout,
  ConnectionLost,
  MessageTooLarge,
  NoSuchFunction,
  PublishFailed,
  Unroutable,
  Unsendable,
} from "../core/ports/amqp_errors.ts";

/** How to connect. */
export interface ConnectOptions {
  /** What the broker's tools show of this connection. @default "hopper client" */
  readonly name?: string;
  /** How long to wait for the first connection. @default "10s" */
  readonly timeout?: Duration;
}

/** A connection to the broker that comes back by itself; `close` it, or declare it with `await using`. */
export interface Client extends Caller {
  /**
   * Waits until what was sent is confirmed, then closes the connection. Calls that still wait for a reply reject
   * with `ConnectionLost`.
   */
  close(): Promise<void>;
  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Connects to `url`, or else to `AMQP_URL`, `RABBITMQ_URL` or `CLOUDAMQP_URL`, or else to the broker on this
 * machine (`amqp://guest:guest@127.0.0.1:5672`).
 *
 * Rejects with an `ArgumentError` if the address cannot be read, with `BrokerError` at once if the broker refuses the
 * login or the virtual host, and with `ConnectionLost` if it cannot be reached within `timeout`; the message says what
 * the last attempt met.
 */
export async function connect(url?: string, options: ConnectOptions = {}): Promise<Client> {
  return createClient(await openLink(url, options));
}

function createClient(link: Supervisor): Client {
  const publisher = new ConfirmedPublisher(link);
  const calls = new Calls(link, new ServedRpcs(link));
  const close = async () => {
    await calls.close();
    await publisher.close();
    await link.close();
  };
  return { ...createSender(publisher, calls), close, [Symbol.asyncDispose]: close };
}
