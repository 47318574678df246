import type { Declared, FileProblem } from "../../core/declared.ts";
import type { DeadLetter, Replayed } from "../../core/ports/dead_letter.ts";
import type { SentCount } from "../metrics/source.ts";
import type { FunctionState, PeekedMessage, ScheduleView, VersionView } from "./views.ts";

/** What the admin API may ask of a running app, and have it do. The app implements it. */
export interface Operations {
  /** The broker's address without its password. */
  readonly broker: string;
  /** Why the runtime is not ready; empty if it is. */
  missing(): readonly string[];
  /** Functions that pause because their runs keep failing. A restart would not help. */
  paused(): readonly string[];
  /** Messages of functions that no queue took, by function and exchange; one line each. */
  unrouted(): readonly string[];
  functions(): readonly LiveView[];
  problems(): readonly FileProblem[];
  notices(): readonly string[];
  /** Sends a message to a function as its callers and senders would. */
  invoke(function_: LiveView, input: Invocation): Promise<Invoked>;
  /** Pauses a function, or lets it go on. Resolves when it gets no more messages, or gets them again. */
  hold(name: string, on: boolean): Promise<void>;
  /** Sends a message to a queue, and resolves when it is confirmed. */
  send(queue: string, message: SentAgain): Promise<void>;
  readonly queues: QueueOperations;
}

/** A function as it runs. */
export interface LiveView {
  readonly declared: Declared;
  readonly queue: string;
  readonly state: FunctionState;
  /** Why it does not run. */
  readonly why?: string;
  /** The times of a schedule. */
  readonly schedule?: ScheduleView;
  readonly inFlight: number;
  /** How many messages it has and has not settled: those in flight, and those that wait here. */
  readonly unacked: number;
  /** What it has sent since the runtime started. */
  readonly sent: readonly SentCount[];
  readonly versions: readonly VersionView[];
  readonly queues: readonly OwnQueue[];
  readonly exchanges: readonly { readonly name: string; readonly type: string }[];
  readonly bindings: readonly {
    readonly exchange: string;
    readonly routingKey: string;
    readonly headers: string;
  }[];
  /** The exchanges it publishes to, and how many messages no queue took there. */
  readonly emits: readonly { readonly exchange: string; readonly type: string; readonly unrouted: number }[];
}

/** A queue of a function. */
export interface OwnQueue {
  readonly name: string;
  readonly kind: "work" | "retry" | "dead" | "suspects" | "schedule";
}

/** What is sent to a function. */
export interface Invocation {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly routingKey: string | undefined;
  /** For an rpc, in milliseconds. */
  readonly timeout: number;
  readonly messageId: string;
}

/** What became of it. */
export type Invoked =
  | { readonly kind: "reply"; readonly output: unknown }
  | { readonly kind: "sent" };

/** A message that is sent again. */
export interface SentAgain {
  /** Bytes are sent as they are, anything else as `send` of the client encodes it. */
  readonly body: unknown;
  /** An AMQP table. */
  readonly headers: Uint8Array;
  readonly messageId: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly correlationId?: string;
  readonly type?: string;
}

/** Looks into queues, over a connection of its own. Every method rejects if the broker does not answer in time. */
export interface QueueOperations {
  /** Ready messages and consumers; a queue that does not exist is left out. At most a few seconds old. */
  counts(queues: readonly string[]): Promise<ReadonlyMap<string, QueueCount>>;
  /** The first messages, which stay in the queue. */
  peek(queue: string, max: number): Promise<readonly Peeked[]>;
  deadLetters(queue: string, max: number): Promise<readonly DeadLetter[]>;
  /** Sends dead letters back to the queue they failed in; all of them without `ids`. */
  replay(queue: string, ids: readonly string[] | undefined): Promise<Replayed>;
  /** Deletes dead letters, and returns how many; all of them without `ids`. */
  purge(queue: string, ids: readonly string[] | undefined): Promise<number>;
}

export interface QueueCount {
  readonly ready: number;
  readonly consumers: number;
}

/** A message that waits in a queue. */
export interface Peeked extends Omit<PeekedMessage, "payload"> {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
}
