import type { BatchContext } from "../../core/api/batch.ts";
import type { Caller, Log } from "../../core/api/context.ts";
import type { Batch, Item } from "../../core/ports/host.ts";
import { createLog } from "./context.ts";
import { ownMessage } from "./own_message.ts";
import type { RunSignal } from "./run_signal.ts";

/** What the context of a batch is made of. */
export interface BatchContextParts {
  readonly name: string;
  /** The messages that the handler gets. */
  readonly items: readonly Item[];
  readonly batch: Pick<Batch, "caller" | "log">;
  readonly signal: RunSignal;
  readonly state: unknown;
}

/** The context of one run of a batch. Its parts are made when the handler uses them. */
export class BatchRunContext implements BatchContext {
  readonly name: string;
  readonly state: unknown;
  readonly #items: readonly Item[];
  readonly #batch: BatchContextParts["batch"];
  readonly #signal: RunSignal;
  #log: Log | undefined;
  #messages: BatchContext["messages"] | undefined;

  constructor({ name, items, batch, signal, state }: BatchContextParts) {
    this.name = name;
    this.state = state;
    this.#items = items;
    this.#batch = batch;
    this.#signal = signal;
  }

  get messages(): BatchContext["messages"] {
    return this.#messages ??= this.#items.map(ownMessage);
  }

  get attempts(): readonly number[] {
    return this.#items.map(({ attempt }) => attempt);
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  get log(): Log {
    return this.#log ??= createLog(this.#batch);
  }

  get send(): Caller["send"] {
    return this.#batch.caller.send;
  }

  get publish(): Caller["publish"] {
    return this.#batch.caller.publish;
  }

  get call(): Caller["call"] {
    return this.#batch.caller.call;
  }

  get cancel(): Caller["cancel"] {
    return this.#batch.caller.cancel;
  }
}
