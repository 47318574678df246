import { describeError } from "../core/api/errors.ts";
import type { ChannelEnd, Outgoing } from "../core/ports/amqp.ts";
import type { ConfirmChannel, PublishResult } from "./confirm_channel.ts";
import type { AmqpConnection } from "./connection.ts";

/** The result of a message that was sent alone, and how its connection ended, if it did. */
export interface AloneResult {
  readonly result: PublishResult;
  readonly end?: ChannelEnd;
}

interface Opened {
  readonly connection: AmqpConnection;
  readonly channel: ConfirmChannel;
}

// The connection is kept for a while, because such messages often come in groups, and connections are expensive.
const idleMs = 10_000;

/**
 * Publishes messages that may make the broker end the connection: one after the other, on a connection that nothing else
 * uses. The connection is opened when a message needs it, and closed when it is idle.
 */
export class Alone {
  readonly #open: () => Promise<AmqpConnection>;
  #opened: Opened | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(open: () => Promise<AmqpConnection>) {
    this.#open = open;
  }

  /** Publishes a message, which must have a message id, after those before it. Never rejects. */
  publish(message: Outgoing): Promise<AloneResult> {
    const publishing = this.#last.then(() => this.#publish(message));
    this.#last = publishing;
    return publishing;
  }

  /** Waits for the messages so far, and closes the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#closeConnection();
  }

  async #publish(message: Outgoing): Promise<AloneResult> {
    clearTimeout(this.#idle);
    let opened: Opened;
    try {
      opened = await this.#channel();
    } catch (error) {
      return { result: { kind: "unknown", sent: false, by: "link", reason: describeError(error) } };
    }
    const { connection, channel } = opened;
    const result = await channel.publish(message);
    if (!this.#closed) this.#idle = setTimeout(() => this.#closeConnection(), idleMs);
    return connection.open ? { result } : { result, end: await connection.end };
  }

  async #channel(): Promise<Opened> {
    if (this.#closed) throw new Error("This side closed the connection");
    if (this.#opened?.channel.open) return this.#opened;
    await this.#closeConnection();
    const connection = await this.#open();
    try {
      return this.#opened = { connection, channel: await connection.openConfirmChannel() };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #closeConnection(): Promise<void> {
    clearTimeout(this.#idle);
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.channel.close();
    await opened?.connection.close();
  }
}
