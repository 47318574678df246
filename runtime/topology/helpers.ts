import type { Declared } from "../core/declared.ts";
import type { HelperQueue } from "../core/ports/amqp.ts";
import { retryDelay } from "../core/settings/retry.ts";

/** The queues that keep a function's failed messages. */
export interface HelperPlan {
  /** For what failed for good; none where that is rejected to the broker or replied. */
  readonly deadLetters: HelperQueue | undefined;
  /** For what waits `ms` milliseconds before it goes back to `queue`. */
  retry(queue: string, ms: number): HelperQueue;
  /** For what was in flight when a process ended, until it has run alone. */
  suspects(queue: string): HelperQueue;
  /** Says that the suspect with this token is being run; nothing is ever in it. */
  mark(queue: string, token: string): HelperQueue;
}

type QueueType = Declared["settings"]["queueType"];

/**
 * The helper queues of a function that consumes `own`, or a queue that the broker names if that is empty. A classic
 * retry queue goes `lease` milliseconds after it was last declared, beyond the wait itself.
 */
export function helpersOf(
  { name, trigger, settings }: Declared,
  own: string,
  lease = retryLease,
): HelperPlan {
  const { deadLetter, queueType, declare } = settings;
  const as = declare === "passive" ? anothers : (queue: HelperQueue) => queue;
  const deadLetters = () => as(deadLetterQueue(own || name, queueType));
  // A temporary queue's name is its instance's alone, and so is the way back to it.
  const retryName = (queue: string, ms: number) =>
    own === "" ? `${name}.retry.${ms}.${queue}` : `${queue}.retry.${ms}`;
  const retry = (queue: string, ms: number) =>
    queueType === "quorum"
      ? quorumRetryQueue(retryName(queue, ms), queue, ms)
      : retryQueue(retryName(queue, ms), queue, ms, lease);
  return {
    deadLetters: deadLetter && trigger.kind !== "rpc" ? deadLetters() : undefined,
    retry: (queue, ms) => as(retry(queue, ms)),
    suspects: (queue) => helperQueue(`${queue}.suspects`),
    mark: (queue, token) => helperQueue(`${queue}.suspects.${token}`, { "x-expires": markExpires }),
  };
}

/** The helper queues that a function needs by its settings alone, whichever of its messages fail and when. */
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

// Nobody declares it again, so that it would go with its messages if it expired.
function anothers({ lease: _lease, ...queue }: HelperQueue): HelperQueue {
  const { "x-expires": _expires, ...args } = queue.arguments;
  return { ...queue, arguments: args, owned: true };
}

/** The queue that keeps what failed for good in `queue`: replicated if that is. */
function deadLetterQueue(queue: string, queueType: QueueType): HelperQueue {
  return helperQueue(`${queue}.dead`, queueType === "quorum" ? replicated : {});
}

// RabbitMQ 4 drops what was given back 20 times, and each look at dead letters gives them back; 3.10 knows no "never".
const replicated = { "x-queue-type": "quorum", "x-delivery-limit": 2 ** 31 - 1 };

const retryLease = 3_600_000;

// What a process that ended leaves behind is gone by then; a crash that nobody has come across so long is not counted.
const markExpires = 3_600_000;

// A quorum queue keeps a message until the queue it goes back to has confirmed it; a classic one lets it go before.
const atLeastOnce = {
  ...replicated,
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
};

function retryQueue(name: string, queue: string, ms: number, lease: number): HelperQueue {
  return { ...helperQueue(name, { ...backAfter(ms, queue), "x-expires": ms + lease }), lease };
}

// It stays: declaring a quorum queue again does not renew its `x-expires`, so that it would go with its messages.
// `retryStep` says how many there can be.
function quorumRetryQueue(name: string, queue: string, ms: number): HelperQueue {
  return { ...helperQueue(name, { ...backAfter(ms, queue), ...atLeastOnce }), lease: Infinity };
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
