import type { Context } from "./context.ts";
import type { Options } from "./options.ts";
import type { Trigger } from "./trigger.ts";

/** Runs once for each message. Gets the decoded body and the context; returns the output, or throws. */
export type Handler<Input = unknown, Output = unknown, State = unknown> = (
  input: Input,
  context: Context<State>,
) => Output | Promise<Output>;

/** The default export of a function file: a trigger, its options, and the handler, which a test can call directly. */
export interface FunctionDeclaration<Input = unknown, Output = unknown, State = unknown> {
  /** Where the messages come from. */
  readonly trigger: Trigger;
  /** The options written in the file, without those of deploy.config.ts. */
  readonly options: Options<Input, Output, State>;
  /** The handler, unchanged. */
  readonly handler: Handler<Input, Output, State>;
}

// A registered symbol instead of a class, so that a file that loaded another copy of this module also works.
const mark: unique symbol = Symbol.for("hopper.function");

/** A declaration that also knows where in its file it was made. */
export type MarkedDeclaration = FunctionDeclaration & { readonly [mark]: { readonly stack: string } };

/** Makes a declaration, and keeps the stack that shows its line. */
export function declare<Input, Output, State>(
  trigger: Trigger,
  options: Options<Input, Output, State>,
  handler: Handler<Input, Output, State>,
): FunctionDeclaration<Input, Output, State> {
  const declaration = { trigger, options, handler };
  Object.defineProperty(declaration, mark, { value: { stack: new Error().stack ?? "" } });
  return declaration;
}

/** Whether a file's default export was made by one of Hopper's trigger functions. */
export function isDeclaration(value: unknown): value is MarkedDeclaration {
  return typeof value === "object" && value !== null && mark in value;
}

/** The stack at the declaration. The first frame inside the file has its line. */
export function declarationStack(declaration: MarkedDeclaration): string {
  return declaration[mark].stack;
}
