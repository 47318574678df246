import type { BatchDeclaration, BatchHandler, BatchOptions } from "../api/batch.ts";
import type { FunctionDeclaration, Handler } from "../api/function.ts";
import type { Options } from "../api/options.ts";
import { type Declaration, declareWith, type ExchangeArguments, list, sourceIn } from "./arguments.ts";

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
/** Gets messages in batches: the handler gets a list of up to `batch.size` of them. */
export function direct<Input = unknown, State = unknown, Failed = Input>(
  exchange: string,
  keys: string | readonly string[],
  options: BatchOptions<Input, State, Failed>,
  handler: BatchHandler<Input, State>,
): BatchDeclaration<Input, State>;
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
/** Gets messages from several direct exchanges in batches. */
export function direct<Input = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, keys: string | readonly string[]])[],
  options: BatchOptions<Input, State, Failed>,
  handler: BatchHandler<Input, State>,
): BatchDeclaration<Input, State>;
/** Gets messages by their exact key from several direct exchanges, each with its keys, and options. */
export function direct<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, keys: string | readonly string[]])[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function direct<Input, Output, State>(
  ...args: ExchangeArguments<string | readonly string[], Input, Output, State>
): Declaration<Input, Output, State> {
  const [source, rest] = sourceIn(args, (exchange, keys) => ({ exchange, keys: list(keys) }));
  return declareWith({ kind: "direct", ...source }, rest);
}
