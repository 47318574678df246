import type { Context } from "./context.ts";
import type { Duration } from "./duration.ts";
import type { FileOptions } from "./options.ts";
import type { Message } from "./message.ts";
import type { Trigger } from "./trigger.ts";

/** How messages are gathered into batches. */
export interface Batching {
  /** The most messages in a batch, 1 to 10000. */
  readonly size: number;
  /** How long the first message of a batch waits for others, 5 minutes at most. @default "50ms" */
  readonly wait?: Duration;
}

/** The second argument of a batch's handler. `State` is what the function's `setup` returns. */
export interface BatchContext<State = unknown>
  extends Omit<Context<State>, "message" | "attempt" | "ack" | "nack"> {
  /** The messages as they arrived; `messages[i]` belongs to `items[i]`. */
  readonly messages: readonly Message[];
  /** For each message the number of this run: 1 in its first. */
  readonly attempts: readonly number[];
}

/**
 * Runs once for each batch: gets the decoded bodies and the context. When it returns, all messages are handled; when it
 * throws, all are tried again. With {@linkcode BatchFailed}, returned or thrown, it says which of them failed.
 */
export type BatchHandler<Input = unknown, State = unknown> = (
  items: Input[],
  context: BatchContext<State>,
) => unknown;

/** The options of a function that gets its messages in batches. */
export interface BatchOptions<Input = unknown, State = unknown, Failed = Input>
  extends FileOptions<Input, State, Failed> {
  /** Gives the handler many messages at once: up to `size`, gathered for up to `wait`. */
  readonly batch: Batching;
}

/** The default export of a function file whose handler gets batches. */
export interface BatchDeclaration<Input = unknown, State = unknown> {
  /** Where the messages come from. */
  readonly trigger: Trigger;
  /** The options written in the file, without those of deploy.config.ts. */
  readonly options: BatchOptions<Input, State>;
  /** The handler, unchanged. */
  readonly handler: BatchHandler<Input, State>;
}
