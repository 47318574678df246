/**
 * What a function file imports: the six triggers, and the errors that a handler may throw.
 *
 * A function is the default export of a file in `functions/`. Its name is the file's path below that folder:
 * `billing/charge.ts` is `billing.charge`.
 *
 * @example
 * ```ts
 * import { queue } from "hopper";
 *
 * export default queue("task_queue", { prefetch: 1 }, (task: { id: number }, { log }) => {
 *   log.info(`Working on ${task.id}`);
 * });
 * ```
 * @module
 */
import { declare, type FunctionDeclaration, type Handler } from "./core/api/function.ts";
import type { Config, Options } from "./core/api/options.ts";
import type { HeaderMatch, Trigger } from "./core/api/trigger.ts";

export type { FunctionDeclaration, Handler } from "./core/api/function.ts";
export type { Caller, CallOptions, Context, Log, SendOptions, SetupContext } from "./core/api/context.ts";
export type {
  Config,
  DedupeOptions,
  EmittedExchange,
  ExchangeOptions,
  Options,
  Override,
  PauseOptions,
  PermissionOptions,
  PublishTarget,
  RetryOptions,
  Settings,
  TriggerExchange,
} from "./core/api/options.ts";
export type { Duration } from "./core/api/duration.ts";
export type { Message } from "./core/api/message.ts";
export type {
  ExchangeSource,
  ExchangeSources,
  HeaderMatch,
  HeaderValue,
  Trigger,
  TriggerKind,
} from "./core/api/trigger.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./core/api/schema.ts";
export { HopperError, Reject, Retry, RpcError } from "./core/api/errors.ts";

/**
 * Consumes the queue `name`. Each message goes to one consumer: several instances share the messages.
 *
 * The handler gets the decoded body and a {@linkcode Context}. When it returns, the message is acknowledged; when it
 * throws, the message is tried again later, and after the last try it moves to the queue `<name>.dead`.
 *
 * @example
 * ```ts
 * import { queue } from "hopper";
 *
 * export default queue("hello", (text: string, { log }) => log.info(`Received ${text}`));
 * ```
 */
export function queue<Input = unknown, Output = unknown>(
  name: string,
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Consumes the queue `name`, with options. */
export function queue<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  name: string,
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function queue<Input, Output, State>(
  name: string,
  ...rest: Rest<Input, Output, State>
): FunctionDeclaration<Input, Output, State> {
  return declareWith({ kind: "queue", queue: name }, rest);
}

/**
 * Gets every message published to the fanout exchange `exchange`, or to several, through the function's own queue.
 *
 * That queue is named after the function, so all instances share it. With `exclusive: true` each instance has its
 * own temporary queue, and so gets every message.
 *
 * @example
 * ```ts
 * import { fanout } from "hopper";
 *
 * export default fanout("logs", { exclusive: true }, (line: string, { log }) => log.info(line));
 * ```
 */
export function fanout<Input = unknown, Output = unknown>(
  exchange: string | readonly string[],
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Gets every message of a fanout exchange, with options. */
export function fanout<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  exchange: string | readonly string[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function fanout<Input, Output, State>(
  exchange: string | readonly string[],
  ...rest: Rest<Input, Output, State>
): FunctionDeclaration<Input, Output, State> {
  const trigger: Trigger = Array.isArray(exchange)
    ? { kind: "fanout", sources: exchange.map((exchange) => ({ exchange })) }
    : { kind: "fanout", exchange: exchange as string };
  return declareWith(trigger, rest);
}

/**
 * Gets the messages published to the direct exchange `exchange` whose routing key is one of `keys`.
 *
 * @example
 * ```ts
 * import { direct } from "hopper";
 *
 * export default direct("direct_logs", ["warning", "error"], (line: string, { message, log }) => {
 *   log.info(`${message.routingKey}: ${line}`);
 * });
 * ```
 */
export function direct<Input = unknown, Output = unknown>(
  exchange: string,
  keys: string | readonly string[],
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Gets messages by their exact key, with options. */
export function direct<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  exchange: string,
  keys: string | readonly string[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
/**
 * Gets messages by their exact key from several direct exchanges, each with its keys. They come to one queue;
 * `ctx.message.exchange` says from which exchange.
 *
 * @example
 * ```ts
 * import { direct } from "hopper";
 *
 * export default direct([["logs", "error"], ["audit", ["denied", "granted"]]], (event, { message, log }) => {
 *   log.info(message.exchange, { event });
 * });
 * ```
 */
export function direct<Input = unknown, Output = unknown>(
  sources: readonly (readonly [exchange: string, keys: string | readonly string[]])[],
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Gets messages by their exact key from several direct exchanges, each with its keys, and options. */
export function direct<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, keys: string | readonly string[]])[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function direct<Input, Output, State>(
  ...args: ExchangeArguments<string | readonly string[], Input, Output, State>
): FunctionDeclaration<Input, Output, State> {
  const [source, rest] = sourceIn(args, (exchange, keys) => ({ exchange, keys: list(keys) }));
  return declareWith({ kind: "direct", ...source }, rest);
}

/**
 * Gets the messages published to the topic exchange `exchange` whose routing key matches one of `patterns`. A pattern
 * is words separated by dots; `*` stands for exactly one word, `#` for any number of words, also none.
 *
 * @example
 * ```ts
 * import { topic } from "hopper";
 *
 * export default topic("topic_logs", ["kern.*", "*.critical"], (line: string, { message, log }) => {
 *   log.info(`${message.routingKey}: ${line}`);
 * });
 * ```
 */
export function topic<Input = unknown, Output = unknown>(
  exchange: string,
  patterns: string | readonly string[],
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Gets messages by a pattern of their key, with options. */
export function topic<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  exchange: string,
  patterns: string | readonly string[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
/**
 * Gets messages by a pattern of their key from several topic exchanges, each with its patterns. They come to one queue;
 * `ctx.message.exchange` says from which exchange.
 *
 * @example
 * ```ts
 * import { topic } from "hopper";
 *
 * export default topic([["orders", "order.*"], ["billing", ["invoice.#"]]], (event, { message, log }) => {
 *   log.info(message.exchange, { event });
 * });
 * ```
 */
export function topic<Input = unknown, Output = unknown>(
  sources: readonly (readonly [exchange: string, patterns: string | readonly string[]])[],
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Gets messages by a pattern of their key from several topic exchanges, each with its patterns, and options. */
export function topic<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, patterns: string | readonly string[]])[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function topic<Input, Output, State>(
  ...args: ExchangeArguments<string | readonly string[], Input, Output, State>
): FunctionDeclaration<Input, Output, State> {
  const [source, rest] = sourceIn(args, (exchange, patterns) => ({ exchange, patterns: list(patterns) }));
  return declareWith({ kind: "topic", ...source }, rest);
}

/**
 * Gets the messages published to the headers exchange `exchange` that have every header of `all`, or at least one
 * header of `any`, each with the same value.
 *
 * @example
 * ```ts
 * import { headers } from "hopper";
 *
 * export default headers("reports", { all: { format: "pdf", type: "report" } }, (report: Uint8Array, { log }) => {
 *   log.info(`A report of ${report.length} bytes`);
 * });
 * ```
 */
export function headers<Input = unknown, Output = unknown>(
  exchange: string,
  match: HeaderMatch,
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Gets messages by their headers, with options. */
export function headers<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  exchange: string,
  match: HeaderMatch,
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
/**
 * Gets messages by their headers from several headers exchanges, or by several matches from one. They come to one queue;
 * `ctx.message.exchange` says from which exchange.
 *
 * @example
 * ```ts
 * import { headers } from "hopper";
 *
 * export default headers([["reports", { all: { format: "pdf" } }], ["files", { any: { type: "pdf" } }]], (event, { message, log }) => {
 *   log.info(message.exchange, { event });
 * });
 * ```
 */
export function headers<Input = unknown, Output = unknown>(
  sources: readonly (readonly [exchange: string, match: HeaderMatch])[],
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Gets messages by their headers from several headers exchanges, or by several matches from one, and options. */
export function headers<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, match: HeaderMatch])[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function headers<Input, Output, State>(
  ...args: ExchangeArguments<HeaderMatch, Input, Output, State>
): FunctionDeclaration<Input, Output, State> {
  const [source, rest] = sourceIn(args, (exchange, match) => ({ exchange, match }));
  return declareWith({ kind: "headers", ...source }, rest);
}

/**
 * Serves requests on the queue `name`. What the handler returns is the reply. What it throws is sent back as an error:
 * throw an {@linkcode RpcError} to choose its code, message and data.
 *
 * Any AMQP client can call it. A request needs `reply_to` and `correlation_id`, and a body of JSON or text.
 *
 * @example
 * ```ts
 * import { rpc } from "hopper";
 *
 * const fib = (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2);
 *
 * export default rpc("fib", { prefetch: 1 }, (n: number) => fib(n));
 * ```
 */
export function rpc<Input = unknown, Output = unknown>(
  name: string,
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output>;
/** Serves requests on the queue `name`, with options. */
export function rpc<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  name: string,
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function rpc<Input, Output, State>(
  name: string,
  ...rest: Rest<Input, Output, State>
): FunctionDeclaration<Input, Output, State> {
  return declareWith({ kind: "rpc", name }, rest);
}

/**
 * Types the default export of `deploy.config.ts`, so that an editor can complete it. Returns `config` unchanged.
 *
 * @example
 * ```ts
 * import { defineConfig } from "hopper";
 *
 * export default defineConfig({
 *   broker: "amqp://guest:guest@127.0.0.1:5672",
 *   defaults: { prefetch: 50 },
 *   functions: { "billing.*": { prefetch: 1, timeout: "2m" } },
 * });
 * ```
 */
export function defineConfig(config: Config): Config {
  return config;
}

type Rest<Input, Output, State> = [handler: Handler<Input, Output, State>] | [
  Options<Input, Output, State>,
  Handler<Input, Output, State>,
];

// Wrong arguments are not refused here: the check of the file reports them all together, with their lines.
function declareWith<Input, Output, State>(
  trigger: Trigger,
  rest: Rest<Input, Output, State>,
): FunctionDeclaration<Input, Output, State> {
  return rest.length === 1 ? declare(trigger, {}, rest[0]) : declare(trigger, rest[0], rest[1]);
}

type ExchangeArguments<Match, Input, Output, State> =
  | [exchange: string, match: Match, ...Rest<Input, Output, State>]
  | [sources: readonly (readonly [exchange: string, match: Match])[], ...Rest<Input, Output, State>];

/** Separates where the messages come from, one exchange or several, from the options and the handler. */
function sourceIn<Match, Source, Input, Output, State>(
  args: ExchangeArguments<Match, Input, Output, State>,
  sourceOf: (exchange: string, match: Match) => Source,
): [Source | { sources: Source[] }, Rest<Input, Output, State>] {
  if (!Array.isArray(args[0])) {
    const [exchange, match, ...rest] = args as [string, Match, ...Rest<Input, Output, State>];
    return [sourceOf(exchange, match), rest];
  }
  const [pairs, ...rest] = args as [unknown[], ...Rest<Input, Output, State>];
  const sources = pairs.map((pair) => {
    const [exchange, match] = Array.isArray(pair) && pair.length === 2 ? pair : [pair];
    return sourceOf(exchange, match);
  });
  return [{ sources }, rest];
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
