import type { Context } from "./context.ts";
import type { Options } from "./options.ts";
import type { Trigger } from "./trigger.ts";

/** What runs for a message: gets the decoded body and the context, returns the output or throws. */
export type Handler<Input = unknown, Output = unknown> = (
  input: Input,
  context: Context,
) => Output | Promise<Output>;

/** What a function file exports: a trigger, its options and a handler that can be called in a test as it is. */
export interface FunctionDeclaration<Input = unknown, Output = unknown> {
  /** Where the messages come from. */
  readonly trigger: Trigger;
  /** What the file says; defaults and deploy.config.ts come on top. */
  readonly options: Options<Input, Output>;
  /** The handler itself. */
  readonly handler: Handler<Input, Output>;
}

// Marked by a registered symbol and not by a class, so that a file that loaded another copy of this module
// is still understood.
const mark: unique symbol = Symbol.for("hopper.function");

/** A declaration, and where in its file it was made. */
export type MarkedDeclaration = FunctionDeclaration & { readonly [mark]: { readonly stack: string } };

/** Makes a declaration and remembers the line it was made on. */
export function declare<Input, Output>(
  trigger: Trigger,
  options: Options<Input, Output>,
  handler: Handler<Input, Output>,
): FunctionDeclaration<Input, Output> {
  const declaration = { trigger, options, handler };
  Object.defineProperty(declaration, mark, { value: { stack: new Error().stack ?? "" } });
  return declaration;
}

/** Whether a file's default export was made by one of Hopper's trigger functions. */
export function isDeclaration(value: unknown): value is MarkedDeclaration {
  return typeof value === "object" && value !== null && mark in value;
}

/** The stack at the declaration, of which the file's own frame gives the line. */
export function declarationStack(declaration: MarkedDeclaration): string {
  return declaration[mark].stack;
}
