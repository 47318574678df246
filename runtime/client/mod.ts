/**
 * Sends messages to Hopper's functions, and calls them, from any other program. Any other AMQP consumer can be the
 * receiver too.
 *
 * @example Send, publish and call
 * ```ts ignore
 * import { connect } from "hopper/client";
 *
 * await using hopper = await connect("amqp://guest:guest@127.0.0.1:5672");
 * await hopper.send("task_queue", { id: 1 }); // resolves when the broker has confirmed it
 * await hopper.publish("logs", "", "Disk is full");
 * console.log(await hopper.call("rpc_queue", 30, { timeout: "5s" })); // 832040
 * ```
 * @module
 */
import type { Caller, CallOptions, SendOptions } from "../core/api/context.ts";
import type { Duration } from "../core/api/duration.ts";
import type { Tracing } from "../core/ports/trace.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import type { Supervisor } from "../link/supervisor.ts";
import { openTracing } from "../trace/mod.ts";
import { Calls } from "./calls.ts";
import { Delays } from "./delay/delays.ts";
import { inTrace } from "./in_trace.ts";
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

/** Options of `connect`. */
export interface ConnectOptions {
  /** The connection's name in RabbitMQ's management page and tools. @default "hopper client" */
  readonly name?: string;
  /** How long to wait for the first connection: milliseconds, or a string such as `"10s"`. @default "10s" */
  readonly timeout?: Duration;
}

/**
 * A connection to the broker. When it is lost, it comes back by itself; what is sent meanwhile waits for it. Close it
 * with `close()`, or declare it with `await using`.
 */
export interface Client extends Caller {
  /**
   * Waits until the broker has confirmed what was sent, then closes the connection. Calls that still wait for a
   * reply reject with `ConnectionLost`.
   */
  close(): Promise<void>;
  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Connects to a broker. `url` is an AMQP address, or the addresses of a cluster's nodes with commas between them.
 * Without it, the first of the variables `AMQP_URL`, `RABBITMQ_URL` and `CLOUDAMQP_URL` that is set is used, else the
 * broker on this machine (`amqp://guest:guest@127.0.0.1:5672`).
 *
 * Rejects with
 * - `ArgumentError` if the address cannot be read,
 * - `BrokerError`, at once, if the broker refuses the login or the virtual host,
 * - `ConnectionLost` if no broker answers within `timeout`; the message says why the last attempt failed.
 *
 * @example
 * ```ts
 * import { connect } from "hopper/client";
 * import { startTestBroker } from "hopper/testing";
 *
 * await using broker = await startTestBroker(); // any other broker's URL works as well
 * await using hopper = await connect(broker.url, { name: "shop", timeout: "5s" });
 * try {
 *   await hopper.send("orders", { id: 7 });
 * } catch (error) {
 *   console.log((error as { code: string }).code); // UNROUTABLE: there is no queue 'orders' yet
 * }
 * ```
 */
export async function connect(url?: string, options: ConnectOptions = {}): Promise<Client> {
  const link = await openLink(url, options);
  return createClient(link, await openTracing(link.addresses));
}

function createClient(link: Supervisor, tracing: Tracing | undefined): Client {
  const publisher = new ConfirmedPublisher(link);
  const calls = new Calls(link, new ServedRpcs(link));
  const close = async () => {
    await calls.close();
    await publisher.close();
    await link.close();
  };
  const sender = createSender(publisher, calls, new Delays(link));
  const caller = tracing ? inTrace(sender, { tracing }) : sender;
  return { ...caller, close, [Symbol.asyncDispose]: close };
}
