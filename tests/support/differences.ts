/** The differences between the versions of RabbitMQ. Tests read here what to expect of the version they run on. */

import { noProcess } from "./forged_replies.ts";
import type { Table } from "./wire_fields.ts";

/** One version's answers. */
export interface Differences {
  /** The arguments of a queue that was declared without a type. */
  readonly typeArgument: Table;
  /** How an inequivalent declare names the type of such a queue, as received and as current. */
  readonly classicType: { readonly received: string; readonly current: string };
  /** How an inequivalent declare names the type of a quorum queue. */
  readonly quorumType: { readonly received: string; readonly current: string };
  /** The smallest `frame_max`, in bytes, that a client may choose. */
  readonly smallestFrame: number;
  /** What a limit that was set with `basic.qos` and `global` applies to: the channel, or each consumer. */
  readonly globalLimit: "the channel's" | "each consumer's";
  /** When the queues of a transaction's message are looked up. */
  readonly transactionQueues: "at publish" | "at commit";
  /** What a commit closes over a queue that is gone since the publish. */
  readonly goneInTransaction: "channel" | "connection" | undefined;
  /** How many `#` a topic exchange accepts in one binding key. */
  readonly maxWildcards: number;
  /** The header in which a quorum queue counts returned messages. */
  readonly countHeader: string;
  /** The headers of the first get from a quorum queue. */
  readonly firstGetHeaders: Table | undefined;
  /** How declaring an unknown exchange type is refused. */
  readonly unknownExchangeType: { readonly code: number; readonly name: string };
  /** The answer to a client that does not begin with the protocol header of AMQP 0-9-1. */
  readonly protocolHeader: readonly number[];
  readonly mechanisms: readonly string[];
  /** The deaths that a dead letter's headers name, apart from `x-death`. */
  readonly toldDeaths: readonly ("first" | "last")[];
  /** Whether an `x-death` that a publisher made up is ignored. */
  readonly forgetsMadeUpStories: boolean;
  /** Whether an exclusive queue, and what depends on it, is deleted before its connection is closed. */
  readonly goesAtOnce: boolean;
  /** Whether the broker closes the connection on which a message to this made-up direct reply address is sent. */
  readonly endsOver: (replyTo: string) => boolean;
  /** What a stream takes as an answer; what it does not take ends the connection. */
  readonly streamsTake: "any answer" | "only basic.ack";
  /** Whether the consumer of a stream can ask for messages by their `x-stream-filter-value`. */
  readonly filtersStreams: boolean;
  /** Whether a number whose type exists only in AMQP 1.0 is delivered as a type that clients know. */
  readonly translatesNumbers: boolean;
  /**
   * Contract tests that fail on this version, by title, and why. Each must fail: one that passes must be removed from
   * here.
   */
  readonly otherwise: Readonly<Record<string, string>>;
}

const v3_10: Differences = {
  typeArgument: {},
  classicType: { received: "none", current: "none" },
  quorumType: {
    received: "the value 'quorum' of type 'longstr'",
    current: "the value 'quorum' of type 'longstr'",
  },
  smallestFrame: 4096,
  globalLimit: "the channel's",
  transactionQueues: "at commit",
  goneInTransaction: undefined,
  maxWildcards: Infinity,
  countHeader: "x-delivery-count",
  firstGetHeaders: { "x-delivery-count": 0 },
  unknownExchangeType: { code: 503, name: "COMMAND_INVALID" },
  protocolHeader: [0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1],
  mechanisms: ["AMQPLAIN", "PLAIN"],
  toldDeaths: ["first"],
  forgetsMadeUpStories: false,
  goesAtOnce: true,
  endsOver: () => true,
  translatesNumbers: false,
  streamsTake: "only basic.ack",
  filtersStreams: false,
  otherwise: {},
};

const madeUp = "a publisher's own x-death is not read";
const carriedOver = "Of the x-death that a publisher carries over";

const v4_0: Differences = {
  ...v3_10,
  typeArgument: { "x-queue-type": "classic" },
  transactionQueues: "at publish",
  goneInTransaction: "channel",
  classicType: { received: "'classic'", current: "'classic'" },
  quorumType: { received: "'quorum'", current: "'quorum'" },
  firstGetHeaders: undefined,
  unknownExchangeType: { code: 406, name: "PRECONDITION_FAILED" },
  protocolHeader: [0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0],
  mechanisms: ["AMQPLAIN", "ANONYMOUS", "PLAIN"],
  toldDeaths: ["first", "last"],
  forgetsMadeUpStories: true,
  endsOver: (replyTo) => replyTo === noProcess,
  translatesNumbers: true,
  streamsTake: "any answer",
  filtersStreams: true,
  otherwise: {
    'Consuming with x-cancel-on-ha-failover "yes" is refused': "the argument is not known any more",
    "The x-death header is written in RabbitMQ's types": "original-expiration comes first",
    "With x-dead-letter-routing-key a dead letter loses its CC": "it keeps it",
    "A second death for the same reason raises the count in x-death, and one for another reason adds an entry in front":
      madeUp,
    "x-queue-leader-locator is not for a classic queue": "it is, and has to be a string",
    "Without a delivery limit a requeued message goes to the end of a quorum queue":
      "there is always a limit",
    'Headers: {"n":1} matches [{"n":1},{"n":{"type":"d","value":1}}] and not [{"n":{"type":"d","value":1.5}}]':
      "1 is not 1.0",
    "The count of an x-death entry that a publisher carries over is raised, whatever else it lacks": madeUp,
    "Entries in x-death about other queues and reasons are kept behind the new one": madeUp,
    "An x-death entry whose count is raised moves to the front": madeUp,
    [`${carriedOver}, a single entry of another queue is left as it is`]: madeUp,
    [`${carriedOver}, entries alike without a count are counted, and are one`]: madeUp,
    [`${carriedOver}, of entries alike the first one's count holds`]: madeUp,
    [`${carriedOver}, of entries alike the first one's missing count is made up`]: madeUp,
    [`${carriedOver}, entries of other queues are grouped, the last one first`]: madeUp,
    [`${carriedOver}, another reason is another group`]: madeUp,
    "Deaths in a chain of queues are listed latest first, and the others are reversed each time":
      "they are all listed latest first",
  },
};

const eachConsumers = "a global limit is each consumer's, as any other";
const noLongerMandatory = "a mandatory reply that comes is not returned as well";

const v4_3: Differences = {
  ...v4_0,
  smallestFrame: 8192,
  globalLimit: "each consumer's",
  goneInTransaction: "connection",
  maxWildcards: 2,
  countHeader: "x-acquired-count",
  goesAtOnce: false,
  endsOver: () => false,
  otherwise: {
    ...v4_0.otherwise,
    "A consumer's cancel-ok unasked closes the connection with 503": "with 541 INTERNAL_ERROR",
    "Declaring a made-up reply address is refused":
      "asking for it closes the connection with 541 INTERNAL_ERROR",
    "A consumer's own limit and the channel's limit both apply": eachConsumers,
    "Raising the global limit delivers more messages at once": eachConsumers,
    "A global limit that one acknowledgement with multiple frees is shared evenly": eachConsumers,
    "A no-ack consumer waits while the channel's global limit is used up": eachConsumers,
    "When a global limit is removed, every waiting consumer gets messages": eachConsumers,
    "When a waiting consumer is cancelled, the next one gets its turn": eachConsumers,
    "A global prefetch is refused for a quorum queue": eachConsumers,
    'x-queue-mode: "nope" is refused with "unsupported queue mode \'nope\'"':
      "the argument is not known any more",
    "x-queue-mode: true is refused with {unacceptable_type,bool}": "the argument is not known any more",
    '{"x-queue-version":1} is accepted': "only version 2 is left",
    '{"x-queue-master-locator":"client-local"} is accepted':
      "it is refused as deprecated, with 541 for the connection",
    "Arguments that differ are named in RabbitMQ's order, whatever order they are written in":
      "it uses queue version 1",
    "A message beyond its delivery limit is dead-lettered with the reason 'delivery_limit'":
      "a nack does not count towards it",
    "With a delivery limit of 0 the first requeue drops the message": "a nack does not count towards it",
    "Several direct replies arrive without counting delivery tags": "they count them",
    "A mandatory direct reply arrives and is also returned, because its address is not a queue":
      noLongerMandatory,
    "A direct reply to a closed channel is dropped, and a mandatory one is returned": noLongerMandatory,
  },
};

/** The differences from each version on, latest first. */
const TABLE: readonly (readonly [since: string, Differences])[] = [
  ["4.3", v4_3],
  ["4.0", v4_0],
  ["3.10", v3_10],
];

/** The differences of a version, such as "4.3.6". */
export function differencesOf(version: string): Differences {
  const found = TABLE.find(([since]) => compare(version, since) >= 0);
  if (found !== undefined) return found[1];
  throw new Error(`Nothing is known of RabbitMQ ${version}; the oldest in the table is ${TABLE.at(-1)![0]}`);
}

function compare(a: string, b: string): number {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [a, b].map((version) =>
    version.split(".").map(Number)
  ) as [number[], number[]];
  return major - otherMajor || minor - otherMinor;
}
