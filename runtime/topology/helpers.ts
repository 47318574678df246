import type { Declared } from "../core/declared.ts";
import type { HelperQueue } from "../core/ports/amqp.ts";
import { passesOthers } from "../core/ports/quorum_priorities.ts";
import type { Sharding } from "../core/settings/shard_settings.ts";
import { type Rate, roundMs } from "../core/settings/rate_settings.ts";
import { retryDelay } from "../core/settings/retry.ts";

/** The queues that Hopper itself needs for a function's messages. */
export interface HelperPlan {
  /** For messages that failed for good; `undefined` if they are rejected to the broker, or answered with an error. */
  readonly deadLetters: HelperQueue | undefined;
  /** Keeps a schedule's last tick; one runtime at a time gets it. */
  readonly schedule: HelperQueue | undefined;
  /** For messages of this priority that wait `ms` milliseconds before they go back to `queue`. */
  retry(queue: string, ms: number, priority?: number): HelperQueue;
  /** For messages that were in flight when a process ended, until each has run alone. */
  suspects(queue: string): HelperQueue;
  /** An empty queue that exists while the suspect with this token runs. */
  mark(queue: string, token: string): HelperQueue;
  /** The queues over which its messages are spread by key; empty if they are not. */
  readonly shards: readonly HelperQueue[];
  /** A queue without messages that tells other runtimes how many shards there are; `undefined` without shards. */
  readonly layout: HelperQueue | undefined;
  /** The queues for the tokens of a rate that runtimes share. */
  ring(rate: Rate): RingPlan;
}

/** The queues for the tokens of a rate that runtimes share. */
export interface RingPlan {
  /** Tokens that a run may use. */
  readonly tokens: HelperQueue;
  /** Used tokens, until their round is over. */
  readonly spent: HelperQueue;
  /** Holds a message once all tokens are there. */
  readonly full: HelperQueue;
  /** Exists while a runtime makes the tokens. */
  readonly lock: HelperQueue;
}

type QueueType = Declared["settings"]["queueType"];

/**
 * The helper queues of a function. `own` is its queue; empty if the broker chooses the name. The broker deletes a classic
 * retry queue when it was not declared again for its wait plus `lease` milliseconds.
 */
export function helpersOf(
  { name, trigger, settings }: Declared,
  own: string,
  lease = retryLease,
): HelperPlan {
  const { deadLetter, queueType, declare } = settings;
  const as = declare === "passive" ? anothers : (queue: HelperQueue) => queue;
  const deadLetters = () => as(deadLetterQueue(own || name, queueType));
  // A temporary queue belongs to one instance, so its retry queues have that queue's name too.
  const retryName = (queue: string, ms: number) =>
    own === "" ? `${name}.retry.${ms}.${queue}` : `${queue}.retry.${ms}`;
  // Those that others own are there for all priorities.
  const suffix = (priority?: number) => declare !== "passive" && passesOthers(priority) ? ".high" : "";
  const retry = (queue: string, ms: number, priority?: number) =>
    queueType === "quorum"
      ? quorumRetryQueue(retryName(queue, ms) + suffix(priority), queue, ms)
      : retryQueue(retryName(queue, ms), queue, ms, lease);
  return {
    deadLetters: deadLetter && trigger.kind !== "rpc" ? deadLetters() : undefined,
    schedule: trigger.kind === "schedule" ? scheduleQueue(own, queueType) : undefined,
    retry: (queue, ms, priority) => as(retry(queue, ms, priority)),
    suspects: (queue) => helperQueue(`${queue}.suspects`),
    shards: shardsOf(own, settings),
    layout: layoutOf(own, settings),
    ring: (rate) => ringOf(own || name, rate),
    mark: (queue, token) => helperQueue(`${queue}.suspects.${token}`, { "x-expires": markExpires }),
  };
}

/** The helper queues that follow from a function's settings alone, whichever messages fail. */
export function foreseenHelpers(
  { trigger, settings: { retry } }: Declared,
  helpers: HelperPlan,
  queue: string,
): HelperQueue[] {
  const waits = retry === false || trigger.kind === "rpc"
    ? []
    : Array.from({ length: retry.attempts - 1 }, (_, i) => retryDelay(i + 1, retry));
  return [
    ...[...new Set(waits)].map((ms) => helpers.retry(queue, ms)),
    ...helpers.deadLetters === undefined ? [] : [helpers.deadLetters],
  ];
}

// Hopper does not declare it again, so it must not expire: its messages would be lost.
function anothers({ lease: _lease, ...queue }: HelperQueue): HelperQueue {
  const { "x-expires": _expires, ...args } = queue.arguments;
  return { ...queue, arguments: args, owned: true };
}

/** The queue for messages that failed for good in `queue`. It is replicated if `queue` is. */
function deadLetterQueue(queue: string, queueType: QueueType): HelperQueue {
  return helperQueue(`${queue}.dead`, queueType === "quorum" ? replicated : {});
}

/** The argument of a queue whose messages go to one consumer, and to the next one only when that is gone. */
export const singleActive = "x-single-active-consumer";

/** The arguments that the settings do not say of a schedule's own queue. */
export function ticksArguments(queueType: QueueType): Readonly<Record<string, unknown>> {
  // What does not run goes back with its channel, however often, and is not to be dropped for that.
  return { ...queueType === "quorum" ? { "x-delivery-limit": unlimited } : {}, [singleActive]: true };
}

function scheduleQueue(queue: string, queueType: QueueType): HelperQueue {
  return helperQueue(`${queue}.schedule`, {
    ...queueType === "quorum" ? replicated : {},
    [singleActive]: true,
  });
}

// RabbitMQ 4 drops a message that was given back 20 times, and `hopper dead list` gives dead letters back each time. So
// the limit is as high as possible: RabbitMQ 3.10 has no value for "never".
const unlimited = 2 ** 31 - 1;
const replicated = { "x-queue-type": "quorum", "x-delivery-limit": unlimited };

const retryLease = 3_600_000;

// After this the broker deletes what a dead process left. A crash that is noticed later than that is not counted.
const markExpires = 3_600_000;

// A quorum queue keeps a message until the next queue has confirmed it. A classic queue does not wait for that.
const atLeastOnce = {
  ...replicated,
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
};

function retryQueue(name: string, queue: string, ms: number, lease: number): HelperQueue {
  return { ...helperQueue(name, { ...backAfter(ms, queue), "x-expires": ms + lease }), lease };
}

// Without `x-expires`: declaring a quorum queue again does not renew it, so the queue would be deleted with its messages.
// `retryStep` limits how many there can be.
function quorumRetryQueue(name: string, queue: string, ms: number): HelperQueue {
  return { ...helperQueue(name, { ...backAfter(ms, queue), ...atLeastOnce }), lease: Infinity };
}

/** Where one runtime at a time consumes a shard, the broker sees to that. */
function shardsOf(queue: string, { sharding, queueType }: Declared["settings"]): HelperQueue[] {
  if (sharding === undefined) return [];
  const { shards, alone } = sharding;
  const kind = shardKind(sharding);
  const args = {
    ...alone ? { "x-single-active-consumer": true } : {},
    ...queueType === "quorum" ? replicated : {},
  };
  return Array.from({ length: shards }, (_, n) => helperQueue(`${queue}.${kind}.${n}`, args));
}

/**
 * With another number of shards, a key would get into another one while messages of it still wait in the first. The broker
 * refuses a second declaration with another number in an argument, and so keeps the number for all runtimes.
 */
function layoutOf(queue: string, { sharding }: Declared["settings"]): HelperQueue | undefined {
  if (sharding === undefined) return undefined;
  return helperQueue(`${queue}.${shardKind(sharding)}`, { "x-max-length": sharding.shards });
}

function shardKind({ latest, inOrder, alone }: Sharding): string {
  if (latest) return "latest";
  if (inOrder) return "order";
  return alone ? "keys" : "lanes";
}

// Other numbers make other tokens. Those that nobody uses any more expire; they lose nothing, as they are made again.
const ringExpires = 3_600_000;

/** The broker keeps a rejected token for its round, and then moves it back. The queues need not outlive a node. */
function ringOf(queue: string, rate: Rate): RingPlan {
  const name = `${queue}.rate.${rate.limit}.${rate.per}.${rate.burst}`;
  const ms = roundMs(rate);
  const part = (name: string, args: HelperQueue["arguments"] = {}) =>
    helperQueue(name, { "x-queue-type": "classic", "x-expires": ms + ringExpires, ...args });
  return {
    tokens: part(name, { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": `${name}.spent` }),
    spent: part(`${name}.spent`, backAfter(ms, name)),
    full: part(`${name}.full`),
    lock: { name: `${name}.lock`, durable: false, exclusive: true, autoDelete: false, arguments: {} },
  };
}

function backAfter(ms: number, queue: string): HelperQueue["arguments"] {
  return {
    "x-message-ttl": ms,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": queue,
  };
}

function helperQueue(name: string, args: HelperQueue["arguments"] = {}): HelperQueue {
  return { name, durable: true, exclusive: false, autoDelete: false, arguments: args };
}
