import type { BatchContext } from "../../core/api/batch.ts";
import type { Item } from "../../core/ports/host.ts";
import { ownMessage } from "./own_message.ts";
import { WorkContext, type WorkContextParts } from "./work_context.ts";

/** The context of one run of a batch, whose handler gets these messages. Its parts are made when the handler uses them. */
export class BatchRunContext extends WorkContext implements BatchContext {
  readonly #items: readonly Item[];
  #messages: BatchContext["messages"] | undefined;

  constructor(items: readonly Item[], parts: WorkContextParts) {
    super(parts);
    this.#items = items;
  }

  get messages(): BatchContext["messages"] {
    return this.#messages ??= this.#items.map(ownMessage);
  }

  get attempts(): readonly number[] {
    return this.#items.map(({ attempt }) => attempt);
  }
}
