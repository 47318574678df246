import type { Declared } from "../core/declared.ts";
import type { ExchangeDeclaration, HelperQueue, QueueDeclaration } from "../core/link.ts";
import type { HeaderMatch, HeaderValue, Trigger } from "../core/trigger.ts";

/** One binding of a function's queue. */
export interface Binding {
  readonly exchange: string;
  readonly routingKey: string;
  readonly arguments: Readonly<Record<string, HeaderValue>>;
}

/** What one function needs of the broker, declared in this order. */
export interface FunctionPlan {
  readonly function: string;
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queue: QueueDeclaration;
  readonly bindings: readonly Binding[];
  /** The queues its failed messages need, declared when the first one does. */
  readonly helpers: HelperPlan;
}

/** The queues that keep a function's failed messages. */
export interface HelperPlan {
  /** For what failed for good; none where that is dropped or replied. */
  readonly deadLetters: HelperQueue | undefined;
  /** For what waits `ms` milliseconds before it goes back to `queue`. */
  retry(queue: string, ms: number): HelperQueue;
  /** For what was in flight when a process ended, until it has run alone. */
  suspects(queue: string): HelperQueue;
  /** Says that the suspect with this token is being run; nothing is ever in it. */
  mark(queue: string, token: string): HelperQueue;
}

/** Exchanges, queue and bindings of a function, with exactly the flags its settings say. */
export function planFunction(declared: Declared): FunctionPlan {
  const { trigger, settings } = declared;
  const queue = ownQueue(declared);
  return {
    function: declared.name,
    exchanges: exchangesOf(trigger, settings.durable),
    queue,
    bindings: bindingsOf(trigger),
    helpers: helpersOf(declared, queue),
  };
}

/** The queue a function consumes; its name is empty where the broker shall choose one. */
export function queueName({ name, trigger, settings }: Declared): string {
  if (trigger.kind === "queue") return trigger.queue;
  if (trigger.kind === "rpc") return trigger.name;
  return settings.exclusive ? "" : settings.queue ?? name;
}

/** The queue that keeps what failed for good in `queue`. */
export function deadLetterQueue(queue: string): HelperQueue {
  return plainQueue(`${queue}.dead`);
}

function plainQueue(name: string): HelperQueue {
  return { name, durable: true, exclusive: false, autoDelete: false, arguments: {} };
}

// A retry queue that nothing waits in goes by itself: this long after it was last declared, beyond the wait itself.
const retryLease = 3_600_000;

// What a process that ended leaves behind is gone by then; a crash that nobody has come across so long is not counted.
const markExpires = 3_600_000;

/** The queue called `name` in which a message waits `ms` milliseconds before it goes back to `queue`. */
export function retryQueue(name: string, queue: string, ms: number): HelperQueue {
  return {
    name,
    durable: true,
    exclusive: false,
    autoDelete: false,
    arguments: {
      "x-message-ttl": ms,
      "x-expires": ms + retryLease,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": queue,
    },
    lease: retryLease,
  };
}

function helpersOf({ name, trigger, settings }: Declared, own: QueueDeclaration): HelperPlan {
  const temporary = own.name === "";
  return {
    deadLetters: settings.deadLetter && trigger.kind !== "rpc"
      ? deadLetterQueue(own.name || name)
      : undefined,
    // A temporary queue's name is its instance's alone, and so is the way back to it.
    retry: (queue, ms) =>
      retryQueue(temporary ? `${name}.retry.${ms}.${queue}` : `${queue}.retry.${ms}`, queue, ms),
    suspects: (queue) => plainQueue(`${queue}.suspects`),
    mark: (queue, token) => ({
      ...plainQueue(`${queue}.suspects.${token}`),
      arguments: { "x-expires": markExpires },
    }),
  };
}

function ownQueue(declared: Declared): QueueDeclaration {
  const { exclusive, durable, queueType, arguments: args } = declared.settings;
  const name = queueName(declared);
  return {
    name,
    // A queue that goes with its connection never outlives the broker.
    durable: durable && !exclusive,
    exclusive,
    autoDelete: false,
    arguments: queueType === "quorum" ? { ...args, "x-queue-type": "quorum" } : args,
  };
}

function exchangesOf(trigger: Trigger, durable: boolean): ExchangeDeclaration[] {
  if (trigger.kind === "queue" || trigger.kind === "rpc") return [];
  return [{ name: trigger.exchange, type: trigger.kind, durable }];
}

function bindingsOf(trigger: Trigger): Binding[] {
  switch (trigger.kind) {
    case "queue":
    case "rpc":
      return [];
    case "fanout":
      return [{ exchange: trigger.exchange, routingKey: "", arguments: {} }];
    case "direct":
      return unique(trigger.keys).map((key) => ({
        exchange: trigger.exchange,
        routingKey: key,
        arguments: {},
      }));
    case "topic":
      return unique(trigger.patterns).map((pattern) => ({
        exchange: trigger.exchange,
        routingKey: pattern,
        arguments: {},
      }));
    case "headers":
      return [{ exchange: trigger.exchange, routingKey: "", arguments: headerArguments(trigger.match) }];
  }
}

function headerArguments(match: HeaderMatch): Record<string, HeaderValue> {
  return "all" in match ? { ...match.all, "x-match": "all" } : { ...match.any, "x-match": "any" };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
