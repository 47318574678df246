import type { Condition } from "./errors.ts";

/** A version of RabbitMQ that the broker can behave as. */
export type Like = "3.10" | "4.3";

/** All of them. */
export const likes: readonly Like[] = ["3.10", "4.3"];

/** In what the versions differ, as far as clients notice. Everything else is the same in all of them. */
export interface Profile {
  /** The version that the broker tells clients. */
  readonly version: string;
  /** The smallest `frame_max`, in bytes, that a client may choose. */
  readonly frameMin: number;
  /** Bytes that a body may have, unless the limits say otherwise. */
  readonly bodySize: number;
  /** Bytes that a body may have at most, whatever the limits say. */
  readonly maxBodySize: number;
  /** How often one binding key of a topic exchange may have `#`. */
  readonly maxHashes: number;
  /** Whether a queue without a type is shown as one of type `classic`. */
  readonly namesClassic: boolean;
  /** The protocol header for a client that does not use AMQP: the protocol that the broker likes best. */
  readonly bestProtocol: string;
  /** How it refuses an exchange type that it does not know. */
  readonly unknownType: Condition;
  /** Whether a `global` prefetch limits the whole channel. Otherwise it is that of each consumer. */
  readonly globalQos: boolean;
  /** Whether a headers exchange takes 1 and 1.0 for the same value. */
  readonly integersMatchFloats: boolean;
  /** When the queues of a transaction's message are looked up. At the publish, a commit fails if one is gone since. */
  readonly transactionQueues: "at publish" | "at commit";
  /** Whether an `x-death` that a publisher wrote counts too, and not only what the broker wrote. */
  readonly believesDeaths: boolean;
  readonly replies: RepliesProfile;
  /** How it refuses a basic.cancel-ok, which it never waits for. */
  readonly unaskedCancelOk: Condition;
  readonly arguments: ArgumentsProfile;
  readonly quorum: QuorumProfile;
  readonly streams: StreamsProfile;
}

/** How direct replies are treated. */
export interface RepliesProfile {
  /** Whether each reply uses up a delivery tag. Otherwise it has the tag of the next delivery. */
  readonly useTags: boolean;
  /** Whether a reply address counts as a queue for mandatory messages, also when nobody consumes from it any more. */
  readonly areRouted: boolean;
  /** How it refuses the declaration of a reply address that it did not give out. */
  readonly madeUpAddress: Condition;
}

/** How the arguments of queues and consumers are read. */
export interface ArgumentsProfile {
  /** Those that are ignored. */
  readonly ignored: readonly string[];
  /** Those that close the connection, with the name of the deprecated feature that they belong to. */
  readonly denied: Readonly<Record<string, string>>;
  /** The values that `x-queue-version` may have. */
  readonly queueVersions: readonly number[];
  /** Whether a classic queue may have an `x-queue-leader-locator`. */
  readonly locatesClassic: boolean;
}

/** What quorum queues do with messages that come back. */
export interface QuorumProfile {
  /** The delivery limit of a queue that names none. Undefined: there is no limit, and `-1` is not allowed. */
  readonly deliveryLimit: number | undefined;
  /** Whether basic.nack and basic.recover count as failed deliveries, as basic.reject and the end of a channel do. */
  readonly nackFails: boolean;
  /** Whether `x-acquired-count` counts all returns, beside those that failed. */
  readonly countsAcquired: boolean;
  /** Whether a returned message keeps its place in a queue without a limit. Otherwise it goes to the end. */
  readonly keepsPlace: boolean;
}

/** How clients that use a stream are answered. */
export interface StreamsProfile {
  /** Whether an acknowledgement is the only answer to a message. Otherwise any does the same, and errors name streams so. */
  readonly onlyAck: boolean;
  /** Whether it says which offset it cannot read. Otherwise the connection ends. */
  readonly saysOffset: boolean;
}

const MiB = 1024 * 1024;

export const profiles: Readonly<Record<Like, Profile>> = {
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
    integersMatchFloats: true,
    transactionQueues: "at commit",
    believesDeaths: true,
    replies: { useTags: false, areRouted: false, madeUpAddress: "not_found" },
    unaskedCancelOk: "command_invalid",
    arguments: { ignored: [], denied: {}, queueVersions: [1, 2], locatesClassic: false },
    quorum: { deliveryLimit: undefined, nackFails: true, countsAcquired: false, keepsPlace: false },
    streams: { onlyAck: true, saysOffset: false },
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
    integersMatchFloats: false,
    transactionQueues: "at publish",
    believesDeaths: false,
    replies: { useTags: true, areRouted: true, madeUpAddress: "internal_error" },
    unaskedCancelOk: "internal_error",
    arguments: {
      ignored: ["x-queue-mode", "x-cancel-on-ha-failover"],
      denied: { "x-queue-master-locator": "queue_master_locator" },
      queueVersions: [2],
      locatesClassic: true,
    },
    quorum: { deliveryLimit: 20, nackFails: false, countsAcquired: true, keepsPlace: true },
    streams: { onlyAck: false, saysOffset: true },
  },
};
