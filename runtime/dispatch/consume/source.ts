import type { Channel, Connection, Delivery } from "../../core/ports/amqp.ts";

/** What a consumer gets its messages from, if that is not simply its queue. */
export interface Source {
  /**
   * Resolves with how to consume, once this replica may. Until then `onWait` is told what it waits for. Rejects if the
   * signal aborts, or as the broker does.
   */
  begin(
    connection: Connection,
    channel: Channel,
    signal: AbortSignal,
    onWait: (why: string) => void,
  ): Promise<Reading>;
}

/** One consumer of a source. */
export interface Reading {
  /** The queue to consume. */
  readonly queue: string;
  /** The arguments of the consumer. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Resolves, with the reason, when this replica may read no longer. */
  readonly lost: Promise<string>;
  /** Resolves when the consumer must be attached again to get a message once more. */
  readonly turned: Promise<void>;
  /** Passes a delivery on, as one that this source can settle. */
  take(delivery: Delivery, pass: (delivery: Delivery) => void): void;
  /** Keeps how far it has come. Never rejects. */
  keep(): Promise<void>;
  /** It is not used any longer. */
  end(): void;
}
