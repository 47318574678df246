/** How much the broker takes of each thing before it refuses more, waits, or closes a connection. */
export interface Limits {
  /**
   * Connections at the same time; a further one is closed. There can be fewer, where the process may have fewer files
   * open. At most a quarter of them may be without a login: a further one closes the oldest of these. @default 10_000
   */
  connections: number;
  /** Channels of one connection. @default 2047 */
  channels: number;
  /** Bytes of a frame, as the handshake agrees on. @default 131_072 */
  frameSize: number;
  /** Bytes of a message's body; at most a quarter of `memory`. @default 134_217_728, like 4.3: 16_777_216 */
  bodySize: number;
  /** Bytes that a client may leave unread before further deliveries wait. @default 1 MiB */
  unread: number;
  /** Milliseconds from the connection to its connection.open. @default 10_000 */
  handshake: number;
  /** Seconds between heartbeats, as the broker suggests them. @default 60 */
  heartbeat: number;
  /** Bytes of messages in memory, above which publishers wait. @default 40 % of the memory there is, 2 GiB at most */
  memory: number;
  /** Bytes of stored messages that stay in memory too; others are read from the disk for delivery. @default 64 MiB */
  resident: number;
  /** Exchanges, and as many queues. @default 100_000 */
  names: number;
  /** Bindings of one exchange, and as many of one queue. @default 100_000 */
  bindings: number;
  /** Consumers of one channel. @default 10_000 */
  consumers: number;
}

const MiB = 1024 * 1024;

/** The defaults that depend neither on the machine nor on the version that the broker behaves as. */
export const defaultLimits: Omit<Limits, "memory" | "bodySize"> = {
  connections: 10_000,
  channels: 2047,
  frameSize: 131_072,
  unread: MiB,
  handshake: 10_000,
  heartbeat: 60,
  resident: 64 * MiB,
  names: 100_000,
  bindings: 100_000,
  consumers: 10_000,
};
