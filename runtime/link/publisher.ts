import { v7 } from "uuid";
import type { Outgoing, Publisher, QueueDeclaration } from "../core/link.ts";
import { ConnectionLost, PublishFailed } from "../core/link_errors.ts";
import type { ConfirmChannel } from "./confirm_channel.ts";
import type { AmqpConnection } from "./connection.ts";
import type { Supervisor } from "./supervisor.ts";

/** How much a publisher holds and how long it waits. */
export interface PublisherLimits {
  /** Messages unconfirmed at once; one more is refused. */
  readonly unconfirmed: number;
  /** Times a message is sent whose outcome stays unknown. */
  readonly tries: number;
  /** Milliseconds a message waits for a connection. */
  readonly connectMs: number;
}

const defaultLimits: PublisherLimits = { unconfirmed: 10_000, tries: 3, connectMs: 30_000 };

/** Publishes over a supervised connection, on one confirm channel that is opened anew when it is lost. */
export class ConfirmedPublisher implements Publisher {
  readonly #link: Supervisor;
  readonly #limits: PublisherLimits;
  #opening: { connection: AmqpConnection; channel: Promise<ConfirmChannel> } | undefined;
  #channel: ConfirmChannel | undefined;
  readonly #underWay = new Set<Promise<void>>();

  constructor(link: Supervisor, limits: PublisherLimits = defaultLimits) {
    this.#link = link;
    this.#limits = limits;
  }

  async publish(message: Outgoing): Promise<void> {
    if (this.#underWay.size >= this.#limits.unconfirmed) {
      const why =
        `${this.#underWay.size} messages are unconfirmed already; wait for some of them, or send slower`;
      throw new PublishFailed(message.exchange, message.routingKey, why);
    }
    const publishing = this.#publish(withId(message));
    this.#underWay.add(publishing);
    try {
      await publishing;
    } finally {
      this.#underWay.delete(publishing);
    }
  }

  async declareQueue(queue: QueueDeclaration): Promise<void> {
    const connection = await this.#connection("declaring a queue");
    // On a channel of its own: a refused declare closes the channel it was made on.
    const channel = await connection.openChannel();
    try {
      await channel.declareQueue(queue);
    } finally {
      await channel.close();
    }
  }

  /** Waits for the messages under way, then closes. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#channel?.close();
  }

  /** A message whose outcome is unknown goes again under the same id: twice is better than never. */
  async #publish(message: Outgoing): Promise<void> {
    for (let tries = 1;; tries++) {
      const channel = this.#channel?.open ? this.#channel : await this.#openChannel("publishing");
      const result = await channel.publish(message);
      if (result.kind === "confirmed") return;
      if (result.kind === "refused") throw result.error;
      if (tries === this.#limits.tries) {
        throw new ConnectionLost(
          `publishing to '${message.exchange || message.routingKey}' (${result.reason})`,
        );
      }
    }
  }

  async #openChannel(doing: string): Promise<ConfirmChannel> {
    for (;;) {
      const connection = await this.#connection(doing);
      if (this.#channel?.open) return this.#channel;
      try {
        return this.#channel = await this.#opened(connection);
      } catch (error) {
        // Nothing was sent: if only the connection went meanwhile, the next one will do.
        if (connection.open) throw new ConnectionLost(doing, error);
      }
    }
  }

  /** One channel a connection, whoever asks for it first. */
  async #opened(connection: AmqpConnection): Promise<ConfirmChannel> {
    if (this.#opening?.connection !== connection) {
      this.#opening = { connection, channel: connection.openConfirmChannel() };
    }
    const opening = this.#opening;
    try {
      return await opening.channel;
    } finally {
      if (this.#opening === opening) this.#opening = undefined;
    }
  }

  async #connection(doing: string): Promise<AmqpConnection> {
    const { connectMs } = this.#limits;
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new ConnectionLost(`${doing}, and did not come back within ${connectMs} ms`)),
      connectMs,
    );
    try {
      return await this.#link.connection(deadline.signal);
    } finally {
      clearTimeout(timer);
    }
  }
}

function withId(message: Outgoing): Outgoing {
  if (message.properties.messageId !== undefined) return message;
  return { ...message, properties: { ...message.properties, messageId: v7() } };
}
