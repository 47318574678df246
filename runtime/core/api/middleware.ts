import type { Caller, Log } from "./context.ts";
import type { BatchFailure } from "./errors.ts";
import type { Message } from "./message.ts";

/** A run, as middleware sees it: that of one message, or of a batch. */
export interface MiddlewareRun extends Caller {
  /** The function's name. */
  readonly name: string;
  /** The message, as the middleware before this one passed it on. In a batch, reading it is an error. */
  readonly message: Message;
  /** The run's messages: one, or those of the batch. */
  readonly messages: readonly Message[];
  /** For each message the number of its run: 1 in its first. */
  readonly attempts: readonly number[];
  /** Aborts when the run's `timeout` is over, or when the runtime stops and waits for this run no longer. */
  readonly signal: AbortSignal;
  /** Writes log lines of the run. */
  readonly log: Log;
  /** What the function's `setup` returned. */
  readonly state: unknown;
  /** What to return instead of calling `next()`: the messages are acknowledged without a run. */
  skip(): RunResult;
}

/** What a run gave. */
export interface RunResult {
  /** The reply of an rpc, or what the setting `publish` publishes, encoded. Missing if nobody gets it. */
  readonly body?: Uint8Array;
  /** The media type of `body`. */
  readonly contentType?: string;
  /** The messages of a batch that failed, by their index in `messages`. Missing if none did. */
  readonly failed?: readonly BatchFailure[];
}

/** What a middleware changes of a message before it is decoded. What is not written stays. */
export interface ChangedMessage {
  /** The body. */
  readonly body?: Uint8Array;
  /** The media type of the body, which says how it is decoded. */
  readonly contentType?: string;
  /** How the body is compressed; `undefined`: it is not. */
  readonly contentEncoding?: string | undefined;
}

/**
 * Runs what is inside: the next middleware, or the handler with the decoding before it and the encoding after it.
 * `changed` is what is changed of the message, or for a batch a list of that, one for each message. Rejects with what
 * the handler threw.
 */
export type Next = (changed?: ChangedMessage | readonly ChangedMessage[]) => Promise<RunResult>;

/**
 * Does something around each run of a handler: before it, after it, or instead of it. It returns what `next()` gave, a
 * result of its own, or `run.skip()`. What it throws counts as if the handler had thrown it.
 *
 * @example
 * ```ts
 * import type { Middleware } from "hopper";
 *
 * export default (async (run, next) => {
 *   const began = performance.now();
 *   try {
 *     return await next();
 *   } finally {
 *     run.log.info("Timed", { ms: Math.round(performance.now() - began) });
 *   }
 * }) satisfies Middleware;
 * ```
 */
export type Middleware = (run: MiddlewareRun, next: Next) => RunResult | Promise<RunResult>;

/** A middleware, and how people know it: its module's path, or its own name. */
export interface NamedMiddleware {
  readonly name: string;
  readonly run: Middleware;
}
