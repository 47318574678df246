import type { BatchDeclaration, BatchHandler, BatchOptions } from "../api/batch.ts";
import type { FunctionDeclaration, Handler } from "../api/function.ts";
import type { Options } from "../api/options.ts";
import { type Declaration, declareWith, type Rest } from "./arguments.ts";

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
/** Consumes the queue `name` in batches: the handler gets a list of up to `batch.size` messages. */
export function queue<Input = unknown, State = unknown, Failed = Input>(
  name: string,
  options: BatchOptions<Input, State, Failed>,
  handler: BatchHandler<Input, State>,
): BatchDeclaration<Input, State>;
/** Consumes the queue `name`, with options. */
export function queue<Input = unknown, Output = unknown, State = unknown, Failed = Input>(
  name: string,
  options: Options<Input, Output, State, Failed>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State>;
export function queue<Input, Output, State>(
  name: string,
  ...rest: Rest<Input, Output, State>
): Declaration<Input, Output, State> {
  return declareWith({ kind: "queue", queue: name }, rest);
}
