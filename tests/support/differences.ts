/** What differs between the versions of RabbitMQ. Tests read here what to expect of the one they run on. */

import { noProcess } from "./forged_replies.ts";
import type { Table } from "./wire_fields.ts";

/** One version's answers. */
export interface Differences {
  /** Arguments that a queue has which is declared as no type in particular. */
  readonly typeArgument: Table;
  /** What an inequivalent declare says of such a queue's type, where it is a classic one and where it should be. */
  readonly classicType: { readonly received: string; readonly current: string };
  /** What an inequivalent declare says of a quorum queue's type. */
  readonly quorumType: { readonly received: string; readonly current: string };
  /** The smallest `frame_max`, in bytes, that a client may choose. */
  readonly smallestFrame: number;
  /** Whose a limit set with `basic.qos` and `global` is: the channel's, or each consumer's like any other. */
  readonly globalLimit: "the channel's" | "each consumer's";
  /** `#` that a topic exchange takes in one binding key. */
  readonly maxWildcards: number;
  /** The header in which a quorum queue counts what was given back. */
  readonly countHeader: string;
  /** Headers with which a quorum queue answers the first get. */
  readonly firstGetHeaders: Table | undefined;
  /** How a declare of an exchange type that nobody knows is refused. */
  readonly unknownExchangeType: { readonly code: number; readonly name: string };
  /** What a client gets that does not begin with AMQP 0-9-1's own protocol header. */
  readonly protocolHeader: readonly number[];
  readonly mechanisms: readonly string[];
  /** What a dead letter's headers tell, beside `x-death`: of which deaths. */
  readonly toldDeaths: readonly ("first" | "last")[];
  /** Whether a story that a publisher made up is as if there were none. */
  readonly forgetsMadeUpStories: boolean;
  /** Whether what goes with an exclusive queue is gone when its connection is closed, and not a moment later. */
  readonly goesAtOnce: boolean;
  /** Whether the broker ends the connection that a message to this made-up direct reply address comes by. */
  readonly endsOver: (replyTo: string) => boolean;
  /** Whether a number of a type that only AMQP 1.0 has is delivered as one that clients know. */
  readonly translatesNumbers: boolean;
  /**
   * Tests of the contract that this version answers otherwise, by name, and how. They are held to that: one that
   * passes has to be taken from here.
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
  otherwise: {},
};

const madeUp = "a publisher's own x-death is not read";
const carriedOver = "Of the x-death that a publisher carries over";
const partial = "it fails with 406, partial tx completion, or the message is dropped";

const v4_0: Differences = {
  ...v3_10,
  typeArgument: { "x-queue-type": "classic" },
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
    "A queue deleted before the commit gets nothing, and a mandatory message is returned": partial,
    "A queue deleted and declared again before the commit gets the message": partial,
    "A queue first declared before the commit gets what was sent to its name": partial,
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
  maxWildcards: 2,
  countHeader: "x-acquired-count",
  goesAtOnce: false,
  endsOver: () => false,
  otherwise: {
    ...v4_0.otherwise,
    "A consumer's cancel-ok unasked closes the connection with 503": "with 541 INTERNAL_ERROR",
    "A made-up reply address is not declared": "asking for it closes the connection with 541 INTERNAL_ERROR",
    "A consumer's own limit and then the channel's: both hold": eachConsumers,
    "A raised global limit lets more through at once": eachConsumers,
    "A global limit freed by one multiple acknowledgement is shared evenly too": eachConsumers,
    "A no-ack consumer waits while the channel's global limit is used up": eachConsumers,
    "A limit that is lifted lets every waiting consumer go on": eachConsumers,
    "A consumer that is cancelled while it waits leaves its turn to the next": eachConsumers,
    "A global prefetch is not for a quorum queue": eachConsumers,
    'x-queue-mode: "nope" is refused with "unsupported queue mode \'nope\'"':
      "the argument is not known any more",
    "x-queue-mode: true is refused with {unacceptable_type,bool}": "the argument is not known any more",
    '{"x-queue-version":1} is accepted': "only version 2 is left",
    '{"x-queue-master-locator":"client-local"} is accepted':
      "it is refused as deprecated, with 541 for the connection",
    "Arguments that differ are named in RabbitMQ's order, whatever theirs": "it uses queue version 1",
    "Past its delivery limit a message is dead-lettered as 'delivery_limit'":
      "a nack does not count towards it",
    "Past a delivery limit of 0 the first requeue drops the message": "a nack does not count towards it",
    "Several replies come, and count no delivery tags": "they count them",
    "A mandatory reply comes and is returned too: its address is no queue": noLongerMandatory,
    "A reply to a channel that is closed is dropped, a mandatory one returned": noLongerMandatory,
  },
};

/** Each from the version on in which it came, latest first. */
const TABLE: readonly (readonly [since: string, Differences])[] = [
  ["4.3", v4_3],
  ["4.0", v4_0],
  ["3.10", v3_10],
];

/** Those of a version, as a broker tells its own: "4.3.6". */
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
