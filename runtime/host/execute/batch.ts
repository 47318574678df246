import type { BatchContext, BatchHandler } from "../../core/api/batch.ts";
import { ArgumentError, BatchFailed } from "../../core/api/errors.ts";
import type { Batch, Item } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { isRecord } from "../../core/values.ts";
import { BatchRunContext } from "./batch_context.ts";
import { type Read, type Reading, readInput } from "./input.ts";
import { requireRun } from "./output.ts";
import type { RunSignal } from "./run_signal.ts";
import { failed, isThenable } from "./thrown.ts";

/** What is needed to run a handler of batches. */
export interface BatchExecutable extends Reading {
  readonly name: string;
  // The types of a handler cannot be known here.
  readonly handler: unknown;
}

const handled: Outcome = { kind: "returned" };

/**
 * Decodes and checks each message, and runs the handler once for those that fit. The others, and those that the handler
 * says have failed, are told with `itemEnded`. Never throws or rejects.
 */
export function executeBatch(
  code: BatchExecutable,
  batch: Batch,
  signal: RunSignal,
  state: unknown,
): Outcome | Promise<Outcome> {
  const reads = batch.items.map(({ message }) => readOne(() => readInput(message, code)));
  const run = (reads: readonly OneRead[]) => handle(code, reads, batch, signal, state);
  return reads.some((read) => read instanceof Promise)
    ? Promise.all(reads).then(run)
    : run(reads as readonly OneRead[]);
}

/** The input of one message, or how it ends without a run. */
type OneRead = { readonly input: unknown } | { readonly ended: Outcome };

function readOne(read: () => Read | Promise<Read>): OneRead | Promise<OneRead> {
  const asRead = (read: Read): OneRead =>
    read.ok ? { input: read.input } : { ended: { kind: "rejected", error: read.error } };
  const asFailed = (error: unknown): OneRead => ({ ended: failed(error) });
  try {
    const result = read();
    return result instanceof Promise ? result.then(asRead, asFailed) : asRead(result);
  } catch (error) {
    return asFailed(error);
  }
}

function handle(
  { name, handler }: BatchExecutable,
  reads: readonly OneRead[],
  batch: Batch,
  signal: RunSignal,
  state: unknown,
): Outcome | Promise<Outcome> {
  const inputs: unknown[] = [];
  /** For each input, the index of its message in the batch. */
  const places: number[] = [];
  for (const [index, read] of reads.entries()) {
    if ("ended" in read) {
      batch.itemEnded(index, read.ended);
      continue;
    }
    inputs.push(read.input);
    places.push(index);
  }
  if (inputs.length === 0) return handled;
  const items: Item[] = places.map((index) => batch.items[index]!);
  const context: BatchContext = new BatchRunContext(items, { name, work: batch, signal, state });
  const thrown = (error: unknown): Outcome => {
    if (!(error instanceof BatchFailed)) return failed(error);
    return error.failures.length > 0 ? tell(error, places, batch) : failed(
      new ArgumentError("BatchFailed was thrown without an item; return it to say that none failed"),
    );
  };
  const returned = (output: unknown): Outcome => {
    if (output instanceof BatchFailed) return tell(output, places, batch);
    try {
      refuseOther(output);
      return handled;
    } catch (error) {
      return failed(error);
    }
  };
  try {
    const output = (handler as BatchHandler)(inputs, context);
    return isThenable(output) ? Promise.resolve(output).then(returned, thrown) : returned(output);
  } catch (error) {
    return thrown(error);
  }
}

/** Tells which items failed. `places` has, for each item of the handler, its index in the batch. */
function tell({ failures }: BatchFailed, places: readonly number[], batch: Batch): Outcome {
  const wrong = failures.find(({ item }) => item >= places.length);
  if (wrong !== undefined) {
    const last = places.length - 1;
    return failed(
      new ArgumentError(
        `BatchFailed names item ${wrong.item}, and the batch has items 0 to ${last}; ` +
          "write the index in the list that the handler got",
      ),
    );
  }
  const told = new Set<number>();
  for (const { item, error = new Error(`The handler named item ${item} in BatchFailed`) } of failures) {
    // The first reason counts.
    if (told.has(item)) continue;
    told.add(item);
    batch.itemEnded(places[item]!, failed(error));
  }
  return handled;
}

// What it returns otherwise goes nowhere. But a list of what failed would be lost.
function refuseOther(output: unknown): void {
  requireRun(output);
  if (!Array.isArray(output) || !output.some((one) => isRecord(one) && "item" in one)) return;
  throw new ArgumentError(
    "The handler returned a list that seems to say what failed; write: return new BatchFailed([{ item: 3, error }])",
  );
}
