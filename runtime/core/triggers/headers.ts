import type { BatchDeclaration, BatchHandler, BatchOptions } from "../api/batch.ts";
import type { FunctionDeclaration, Handler } from "../api/function.ts";
import type { Options } from "../api/options.ts";
import type { HeaderMatch } from "../api/trigger.ts";
import { type Declaration, declareWith, type ExchangeArguments, sourceIn } from "./arguments.ts";

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
/** Gets messages in batches: the handler gets a list of up to `batch.size` of them. */
export function headers<Input = unknown, State = unknown, Failed = Input>(
  exchange: string,
  match: HeaderMatch,
  options: BatchOptions<Input, State, Failed>,
  handler: BatchHandler<Input, State>,
): BatchDeclaration<Input, State>;
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
/** Gets messages from several headers exchanges in batches. */
export function headers<Input = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, match: HeaderMatch])[],
  options: BatchOptions<Input, State, Failed>,
  handler: BatchHandler<Input, State>,
): BatchDeclaration<Input, State>;
/** Gets messages by their headers from several headers exchanges, or by several matches from one, and options. */
export function headers<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  sources: readonly (readonly [exchange: string, match: HeaderMatch])[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function headers<Input, Output, State>(
  ...args: ExchangeArguments<HeaderMatch, Input, Output, State>
): Declaration<Input, Output, State> {
  const [source, rest] = sourceIn(args, (exchange, match) => ({ exchange, match }));
  return declareWith({ kind: "headers", ...source }, rest);
}
