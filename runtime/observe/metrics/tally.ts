import type { ConnectionRole, Event } from "../../core/ports/events.ts";
import { stableQueue } from "../../core/text/stable_queue.ts";
import { Buckets } from "./buckets.ts";
import { definitions } from "./definitions.ts";
import { callersMistake, errorType } from "./error_type.ts";

/** How many runs of one queue ended with the same kind of error, or none. */
export interface Ended {
  readonly queue: string;
  /** Empty for those without an error. */
  readonly errorType: string;
  readonly took: Buckets;
  consumed: number;
}

/** One connection to the broker. */
export interface ConnectionTally {
  connected: boolean;
  /** How often it was opened. */
  opened: number;
}

/** What is counted for a function as a whole. */
export type Counter =
  | "retried"
  | "deadLettered"
  | "dropped"
  | "expired"
  | "duplicates"
  | "superseded"
  | "unrouted"
  | "unanswered"
  | "processesStarted"
  | "processesEnded";

// A function has one queue, and another one after a change of its settings.
const maxQueues = 4;

/** What became of one function's messages. */
export class FunctionTally {
  readonly counts: Record<Counter, number> = {
    retried: 0,
    deadLettered: 0,
    dropped: 0,
    expired: 0,
    duplicates: 0,
    superseded: 0,
    unrouted: 0,
    unanswered: 0,
    processesStarted: 0,
    processesEnded: 0,
  };
  readonly #queues = new Map<string, Map<string, Ended>>();

  get ended(): readonly Ended[] {
    return [...this.#queues.values()].flatMap((types) => [...types.values()]);
  }

  /** The runs of a queue that ended with this kind of error, or none. */
  of(queue: string, errorType = ""): Ended {
    const name = stableQueue(queue);
    const types = this.#queues.get(name) ?? this.#add(name);
    const known = types.get(errorType);
    if (known) return known;
    const ended = {
      queue: name,
      errorType,
      took: new Buckets(definitions.processDuration.buckets),
      consumed: 0,
    };
    types.set(errorType, ended);
    return ended;
  }

  /** A run ended after `ms` milliseconds. */
  took(queue: string, ms: number, errorType?: string): void {
    const ended = this.of(queue, errorType);
    ended.consumed++;
    ended.took.observe(ms / 1000);
  }

  #add(name: string): Map<string, Ended> {
    if (this.#queues.size === maxQueues) this.#queues.delete(this.#queues.keys().next().value!);
    const types = new Map<string, Ended>();
    this.#queues.set(name, types);
    return types;
  }
}

/** Counts what the events of a runtime say. An event costs a few look-ups in maps. */
export class Tally {
  readonly functions: Map<string, FunctionTally> = new Map();
  /** The connections to the broker that this runtime uses. */
  readonly connections: Map<ConnectionRole, ConnectionTally> = new Map();

  /** Forgets the functions that are not among these. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.functions.keys()) if (!names.has(name)) this.functions.delete(name);
  }

  take(event: Event): void {
    switch (event.event) {
      case "handled":
        return this.#of(event.function).took(event.run.queue, event.ms);
      case "failed": {
        const type = event.byCaller ? callersMistake : errorType(event.error);
        return this.#of(event.function).took(event.run.queue, event.ms, type);
      }
      case "expired":
        this.#of(event.function).of(event.run.queue).consumed++;
        return this.#count(event.function, "expired");
      case "duplicate":
        this.#of(event.function).of(event.run.queue).consumed++;
        return this.#count(event.function, "duplicates");
      case "superseded":
        this.#of(event.function).of(event.run.queue).consumed++;
        return this.#count(event.function, "superseded");
      case "retrying":
        return this.#count(event.function, "retried");
      case "dead-lettered":
        return this.#count(event.function, "deadLettered");
      case "dropped":
        return this.#count(event.function, "dropped");
      case "unrouted":
        return this.#count(event.function, "unrouted");
      case "unanswered":
        return this.#count(event.function, "unanswered");
      case "host-started":
        return this.#count(event.function, "processesStarted");
      case "host-ended":
        return this.#count(event.function, "processesEnded");
      case "attached":
        // From here on it has series, all zero: what appears with its first error would not be seen to grow.
        this.#of(event.function).of(event.queue);
        return;
      case "removed":
        this.functions.delete(event.function);
        return;
      case "connecting":
        this.#connection(event.connection);
        return;
      case "connected": {
        const connection = this.#connection(event.connection);
        connection.connected = true;
        connection.opened++;
        return;
      }
      case "disconnected":
        this.#connection(event.connection).connected = false;
    }
  }

  #of(name: string): FunctionTally {
    const known = this.functions.get(name);
    if (known) return known;
    const tally = new FunctionTally();
    this.functions.set(name, tally);
    return tally;
  }

  #count(name: string, counter: Counter): void {
    this.#of(name).counts[counter]++;
  }

  #connection(role: ConnectionRole): ConnectionTally {
    const known = this.connections.get(role);
    if (known) return known;
    const tally = { connected: false, opened: 0 };
    this.connections.set(role, tally);
    return tally;
  }
}
