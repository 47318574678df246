import type { Output } from "../../amqp/output.ts";
import type { Limits } from "../limits.ts";
import type { Slab } from "../queue/slab.ts";
import type { VirtualHost } from "../vhost/vhost.ts";
import type { Dirty } from "./flusher.ts";
import type { Terms } from "./session.ts";
import type { Waiting } from "./waiting.ts";

/** What a channel needs of its connection. To the virtual host it is the owner of exclusive queues. */
export interface ChannelHost {
  readonly out: Output;
  readonly vhost: VirtualHost;
  readonly limits: Limits;
  /** Where the bytes of short messages are kept. */
  readonly slab: Slab;
  readonly session: Terms;
  /** Consumers that wait until the client has read more of what it was sent. */
  readonly waiting: Waiting;
  /** Whether deliveries may be added to what the client has not read yet. */
  hasRoom(): boolean;
  /** Has the confirms written before the next output leaves, which is soon. */
  confirmSoon(confirms: Dirty): void;
  /** The channel is closed: its number is free again. */
  channelClosed(id: number): void;
}
