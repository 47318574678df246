import { ArgumentError } from "../../core/api/errors.ts";
import type { Message } from "../../core/api/message.ts";
import type { MiddlewareRun, RunResult } from "../../core/api/middleware.ts";
import { isBatch, type Work } from "../../core/ports/host.ts";
import { itemsOf } from "./changed_work.ts";
import { ownMessage } from "./own_message.ts";
import { WorkContext, type WorkContextParts } from "./work_context.ts";

/** The run that a middleware sees. Its parts are made when they are used. */
export class MiddlewareContext extends WorkContext implements MiddlewareRun {
  readonly #work: Work;
  #messages: readonly Message[] | undefined;

  constructor(parts: WorkContextParts & { readonly work: Work }) {
    super(parts);
    this.#work = parts.work;
  }

  get message(): Message {
    if (isBatch(this.#work)) {
      throw new ArgumentError(
        "run.message: the run is that of a batch; read run.messages, which has all of them",
      );
    }
    return this.messages[0]!;
  }

  get messages(): readonly Message[] {
    return this.#messages ??= itemsOf(this.#work).map(ownMessage);
  }

  get attempts(): readonly number[] {
    return itemsOf(this.#work).map(({ attempt }) => attempt);
  }

  get skip(): () => RunResult {
    return () => ({});
  }
}
