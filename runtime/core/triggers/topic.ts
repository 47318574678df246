import type { BatchDeclaration, BatchHandler, BatchOptions } from "../api/batch.ts";
import type { FunctionDeclaration, Handler } from "../api/function.ts";
import type { Options } from "../api/options.ts";
import { type Declaration, declareWith, type ExchangeArguments, list, sourceIn } from "./arguments.ts";

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
/** Gets messages in batches: the handler gets a list of up to `batch.size` of them. */
export function topic<Input = unknown, State = unknown, Failed = Input>(
  exchange: string,
  patterns: string | readonly string[],
  options: BatchOptions<Input, State, Failed>,
  handler: BatchHandler<Input, State>,
): BatchDeclaration<Input, State>;
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
/** Gets messages from several topic exchanges in batches. */
export function topic<Input = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, patterns: string | readonly string[]])[],
  options: BatchOptions<Input, State, Failed>,
  handler: BatchHandler<Input, State>,
): BatchDeclaration<Input, State>;
/** Gets messages by a pattern of their key from several topic exchanges, each with its patterns, and options. */
export function topic<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, patterns: string | readonly string[]])[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function topic<Input, Output, State>(
  ...args: ExchangeArguments<string | readonly string[], Input, Output, State>
): Declaration<Input, Output, State> {
  const [source, rest] = sourceIn(args, (exchange, patterns) => ({ exchange, patterns: list(patterns) }));
  return declareWith({ kind: "topic", ...source }, rest);
}
