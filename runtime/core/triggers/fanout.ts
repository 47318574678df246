import type { BatchDeclaration, BatchHandler, BatchOptions } from "../api/batch.ts";
import type { FunctionDeclaration, Handler } from "../api/function.ts";
import type { Options } from "../api/options.ts";
import type { Trigger } from "../api/trigger.ts";
import { type Declaration, declareWith, type Rest } from "./arguments.ts";

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
/** Gets messages in batches: the handler gets a list of up to `batch.size` of them. */
export function fanout<Input = unknown, State = unknown, Failed = Input>(
  exchange: string | readonly string[],
  options: BatchOptions<Input, State, Failed>,
  handler: BatchHandler<Input, State>,
): BatchDeclaration<Input, State>;
/** Gets every message of a fanout exchange, with options. */
export function fanout<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  exchange: string | readonly string[],
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function fanout<Input, Output, State>(
  exchange: string | readonly string[],
  ...rest: Rest<Input, Output, State>
): Declaration<Input, Output, State> {
  const trigger: Trigger = Array.isArray(exchange)
    ? { kind: "fanout", sources: exchange.map((exchange) => ({ exchange })) }
    : { kind: "fanout", exchange: exchange as string };
  return declareWith(trigger, rest);
}
