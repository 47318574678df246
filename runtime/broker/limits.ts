/** How much of each thing the broker takes before it refuses, waits, or lets go. */
export interface Limits {
  /**
   * Connections at once; a further one is closed at once. There are fewer where the process may have fewer files open,
   * and a quarter of them at most need not have logged in: beyond that the oldest of these makes room. @default 10_000
   */
  connections: number;
  /** Channels of one connection. @default 2047 */
  channels: number;
  /** Bytes of a frame, as tuned. @default 131_072 */
  frameSize: number;
  /** Bytes of a message's body; at most a quarter of `memory`. @default 134_217_728, like 4.3: 16_777_216 */
  bodySize: number;
  /** Bytes a connection may leave unread before its deliveries wait. @default 1 MiB */
  unread: number;
  /** ms from accepting a connection to its connection.open. @default 10_000 */
  handshake: number;
  /** Seconds between heartbeats, as suggested. @default 60 */
  heartbeat: number;
  /** Bytes of messages in memory before publishers are blocked. @default 40 % of the memory there is, 2 GiB at most */
  memory: number;
  /** Bytes of stored bodies kept in memory too; further ones are read when they are delivered. @default 64 MiB */
  resident: number;
  /** Exchanges, and queues. @default 100_000 */
  names: number;
  /** Bindings of one exchange, and of one queue. @default 100_000 */
  bindings: number;
  /** Consumers of one channel. @default 10_000 */
  consumers: number;
}

const MiB = 1024 * 1024;

/** Those that depend neither on where the broker runs nor on what it behaves as. */
export const DEFAULT_LIMITS: Omit<Limits, "memory" | "bodySize"> = {
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
