import type { Caller, Log } from "../../core/api/context.ts";
import { ArgumentError } from "../../core/api/errors.ts";
import type { Message } from "../../core/api/message.ts";
import type { MiddlewareRun, RunResult } from "../../core/api/middleware.ts";
import { isBatch, type Work } from "../../core/ports/host.ts";
import { itemsOf } from "./changed_work.ts";
import { createLog } from "./context.ts";
import { ownMessage } from "./own_message.ts";
import type { RunSignal } from "./run_signal.ts";

/** What the run that a middleware sees is made of. */
export interface MiddlewareContextParts {
  readonly name: string;
  readonly work: Work;
  readonly signal: RunSignal;
  readonly state: unknown;
}

/** The run that a middleware sees. Its parts are made when they are used. */
export class MiddlewareContext implements MiddlewareRun {
  readonly name: string;
  readonly state: unknown;
  readonly #work: Work;
  readonly #signal: RunSignal;
  #log: Log | undefined;
  #messages: readonly Message[] | undefined;

  constructor({ name, work, signal, state }: MiddlewareContextParts) {
    this.name = name;
    this.state = state;
    this.#work = work;
    this.#signal = signal;
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

  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  get log(): Log {
    return this.#log ??= createLog(this.#work);
  }

  get send(): Caller["send"] {
    return this.#work.caller.send;
  }

  get publish(): Caller["publish"] {
    return this.#work.caller.publish;
  }

  get call(): Caller["call"] {
    return this.#work.caller.call;
  }

  get cancel(): Caller["cancel"] {
    return this.#work.caller.cancel;
  }

  get skip(): () => RunResult {
    return () => ({});
  }
}
