import type { FunctionDeclaration, Handler } from "../api/function.ts";
import type { Options } from "../api/options.ts";
import { type Declaration, declareWith, type Rest } from "./arguments.ts";

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
): Declaration<Input, Output, State> {
  return declareWith({ kind: "rpc", name }, rest);
}
