import type { Caller } from "../../core/api/context.ts";
import type { LogLevel } from "../../core/ports/events.ts";
import type { Batch, Item } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { RunSignal } from "../execute/run_signal.ts";
import { fromHost } from "../wire/messages.ts";
import { outcomeFrame } from "../wire/run_heads.ts";
import type { FramePipe } from "../wire/pipe.ts";
import type { Asks } from "./asks.ts";
import { sendLog } from "./run.ts";

/** One run of a batch in this process. */
export class ChildBatch implements Batch {
  readonly id: number;
  readonly items: readonly Item[];
  // Each message has its own trace, so the batch has none.
  readonly span: undefined;
  // The runtime watches the time.
  readonly callerUntil = Infinity;
  readonly signal: RunSignal = new RunSignal();
  readonly #pipe: FramePipe;
  readonly #asks: Asks;
  #caller: Caller | undefined;

  constructor(id: number, items: readonly Item[], pipe: FramePipe, asks: Asks) {
    this.id = id;
    this.items = items;
    this.#pipe = pipe;
    this.#asks = asks;
  }

  get caller(): Caller {
    return this.#caller ??= this.#asks.callerOf(this.id);
  }

  log(level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void {
    sendLog(this.#pipe, this.id, level, message, data);
  }

  // A batch is settled by how it ends.
  settle(): void {}

  itemEnded(index: number, outcome: Outcome): void {
    const tell = (outcome: Outcome) =>
      this.#pipe.send(fromHost.itemEnded, this.id, [index, outcomeFrame(outcome).head]);
    try {
      tell(outcome);
    } catch (error) {
      tell({ kind: "failed", error });
    }
  }
}
