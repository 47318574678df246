import { type Backoff, backoffDelay, pause, refusedRetryMs } from "../core/backoff.ts";
import type { ConnectionRole, Emit } from "../core/ports/events.ts";
import type { Link } from "../core/ports/amqp.ts";
import { BrokerError, ConnectionLost } from "../core/ports/amqp_errors.ts";
import { Alone } from "./alone.ts";
import { AmqpConnection } from "./connection.ts";
import { ProvenReplies } from "./reply_address.ts";
import { SizeLimit } from "./size_limit.ts";
import type { Address } from "./uri.ts";

/** Options of a supervised connection. */
export interface SupervisorOptions {
  /** The broker's nodes, tried in turn. */
  readonly addresses: readonly Address[];
  /** The connection's name in the broker's tools. */
  readonly name: string;
  /** What the connection is used for, for events. */
  readonly role: ConnectionRole;
  readonly emit: Emit;
  readonly backoff?: Backoff;
}

// A connection that is lost sooner than this counts as a failed try: the cause may end the next one too.
const steadyMs = 5_000;

// Consumers must be back within seconds after a fault, so neither a wait nor an attempt may take long.
const defaultBackoff: Backoff = { first: 250, max: 3_000 };

/**
 * Keeps one connection open: connects, waits until it is lost, and connects again, after growing waits. Gives the current
 * or the next connection to callers.
 */
export class Supervisor implements Link {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  /** Sends messages that may make the broker end the connection. */
  readonly alone: Alone;
  /** Where direct replies were sent without harm. */
  readonly provenReplies = new ProvenReplies();
  /** What is known about the broker's size limit, since the connection was last opened. */
  sizes = new SizeLimit();
  #current: AmqpConnection | undefined;
  #address: Address;
  #next = Promise.withResolvers<AmqpConnection>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#address = options.addresses[0]!;
    this.alone = new Alone(() => AmqpConnection.open(this.#address, `${options.name} (one message)`));
    this.#next.promise.catch(() => {});
    this.#done = this.#run();
  }

  /** The connection's name in the broker's tools. */
  get name(): string {
    return this.#options.name;
  }

  /** The broker's nodes. */
  get addresses(): readonly Address[] {
    return this.#options.addresses;
  }

  /** The user that it logs in as. */
  get user(): string {
    return this.#address.username;
  }

  /** The open connection; `undefined` if there is none. */
  get current(): AmqpConnection | undefined {
    return this.#current?.open ? this.#current : undefined;
  }

  connection(signal?: AbortSignal): Promise<AmqpConnection> {
    if (this.current) return Promise.resolve(this.current);
    if (!signal) return this.#next.promise;
    const next = this.#next.promise;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort);
      next.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    });
  }

  /** Closes the connection for good. Callers that wait for one are rejected. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#next.reject(new ConnectionLost("waiting for a connection: this side closed it"));
    await this.alone.close();
    await this.#current?.close();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { addresses, role: connection, emit, backoff = defaultBackoff } = this.#options;
    for (let attempt = 1, next = 0; !signal.aborted;) {
      const address = addresses[next]!;
      const opened = await this.#open(address, attempt);
      next = (next + 1) % addresses.length;
      if (opened === undefined) {
        attempt++;
        continue;
      }
      const since = performance.now();
      if (signal.aborted) return await opened.close();
      this.sizes = new SizeLimit();
      this.#current = opened;
      this.#address = address;
      emit({ event: "connected", connection, broker: address.shown });
      this.#next.resolve(opened);
      this.#next = Promise.withResolvers();
      this.#next.promise.catch(() => {});
      const reason = await opened.closed;
      if (signal.aborted) return;
      emit({ event: "disconnected", connection, broker: address.shown, error: reason });
      attempt = performance.now() - since < steadyMs ? attempt + 1 : 1;
      if (attempt > 1) await pause(backoffDelay(attempt - 1, backoff), signal);
    }
  }

  async #open(address: Address, attempt: number): Promise<AmqpConnection | undefined> {
    const { addresses, name, role: connection, emit, backoff = defaultBackoff } = this.#options;
    const started = performance.now();
    try {
      return await AmqpConnection.open(address, name);
    } catch (error) {
      if (this.#stopping.signal.aborted) return undefined;
      // If the broker refuses the login or the virtual host, somebody has to fix that first.
      const round = Math.ceil(attempt / addresses.length);
      const nodesLeft = attempt % addresses.length > 0;
      // An attempt without any answer has waited already.
      const waited = Math.round(performance.now() - started);
      const waitMs = error instanceof BrokerError
        ? refusedRetryMs
        : Math.max(0, backoffDelay(round, backoff) - waited);
      // The wait is for the whole cluster: its other nodes are tried at once.
      const retryMs = nodesLeft ? 0 : waitMs;
      emit({
        event: "connecting",
        connection,
        broker: address.shown,
        attempt,
        error: (error as Error).message,
        ...error instanceof BrokerError ? { refused: error.replyCode } : {},
        retryMs,
      });
      await pause(retryMs, this.#stopping.signal);
      return undefined;
    }
  }
}
