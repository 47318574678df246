import type { Condition } from "./errors.ts";

/** A series of RabbitMQ that the broker can behave as. */
export type Like = "3.10" | "4.3";

/** All of them. */
export const LIKES: readonly Like[] = ["3.10", "4.3"];

/** Where the series differ, as far as clients can tell. All that is not here they have in common. */
export interface Profile {
  /** What the broker says of itself. */
  readonly version: string;
  /** Bytes of the shortest frames that a client may agree on. */
  readonly frameMin: number;
  /** Bytes that a body may have, unless the limits say otherwise. */
  readonly bodySize: number;
  /** Bytes that it may have whatever anybody says. */
  readonly maxBodySize: number;
  /** Words `#` that one binding of a topic exchange may have. */
  readonly maxHashes: number;
  /** Whether a queue without a type is shown as one of type `classic`. */
  readonly namesClassic: boolean;
  /** What it says to who does not speak AMQP 0-9-1: the protocol it would like best. */
  readonly bestProtocol: string;
  /** How an exchange type is refused that it does not know. */
  readonly unknownType: Condition;
  /** Whether a `global` limit is one for the whole channel, and not each consumer's own. */
  readonly globalQos: boolean;
  /** Whether what a publisher writes into `x-death` counts, or only what the broker itself did. */
  readonly believesDeaths: boolean;
  readonly arguments: ArgumentsProfile;
  readonly quorum: QuorumProfile;
}

/** What it makes of a queue's and a consumer's arguments. */
export interface ArgumentsProfile {
  /** Those that it does not look at any more. */
  readonly ignored: readonly string[];
  /** Those over which it ends the connection, with the feature they belong to, which is not permitted any more. */
  readonly denied: Readonly<Record<string, string>>;
  /** Versions of classic queues that there are. */
  readonly queueVersions: readonly number[];
  /** Whether a classic queue has an `x-queue-leader-locator` too. */
  readonly locatesClassic: boolean;
}

/** What quorum queues make of messages that come back. */
export interface QuorumProfile {
  /** Returns that a queue allows which says nothing of it; none: any number, and `-1` cannot be said. */
  readonly deliveryLimit: number | undefined;
  /** Whether `basic.nack` and `basic.recover` count as failed deliveries, as `basic.reject` and a channel's end do. */
  readonly nackFails: boolean;
  /** Whether all deliveries are counted too, beside those that failed: in `x-acquired-count`. */
  readonly countsAcquired: boolean;
  /** Whether a message goes back to its old place where there is no limit; else it goes to the end there. */
  readonly keepsPlace: boolean;
}

const MiB = 1024 * 1024;

export const PROFILES: Readonly<Record<Like, Profile>> = {
  "3.10": {
    version: "3.10.8",
    frameMin: 4096,
    bodySize: 128 * MiB,
    maxBodySize: 128 * MiB,
    maxHashes: Infinity,
    namesClassic: false,
    bestProtocol: "AMQP\0\0\x09\x01",
    unknownType: "command_invalid",
    globalQos: true,
    believesDeaths: true,
    arguments: { ignored: [], denied: {}, queueVersions: [1, 2], locatesClassic: false },
    quorum: { deliveryLimit: undefined, nackFails: true, countsAcquired: false, keepsPlace: false },
  },
  "4.3": {
    version: "4.3.6",
    frameMin: 8192,
    bodySize: 16 * MiB,
    maxBodySize: 512 * MiB,
    maxHashes: 2,
    namesClassic: true,
    bestProtocol: "AMQP\x03\x01\0\0",
    unknownType: "precondition_failed",
    globalQos: false,
    believesDeaths: false,
    arguments: {
      ignored: ["x-queue-mode", "x-cancel-on-ha-failover"],
      denied: { "x-queue-master-locator": "queue_master_locator" },
      queueVersions: [2],
      locatesClassic: true,
    },
    quorum: { deliveryLimit: 20, nackFails: false, countsAcquired: true, keepsPlace: true },
  },
};
