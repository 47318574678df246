import type { Codec, Encoded } from "../../core/body/codec.ts";
import type { Batching } from "../../core/api/batch.ts";
import type { FunctionDeclaration, Handler } from "../../core/api/function.ts";
import { isBatch, type Job, type Work } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import type { Middleware, NamedMiddleware } from "../../core/api/middleware.ts";
import type { Options } from "../../core/api/options.ts";
import type { StandardSchema } from "../../core/api/schema.ts";
import { asBatch, eachAlone } from "./as_batch.ts";
import { executeBatch } from "./batch.ts";
import { RunContext } from "./context.ts";
import { askKey, type KeyAsked, keyFunctionIn } from "./ask_key.ts";
import { callExhausted, type Exhaustible } from "./exhausted.ts";
import { type Read, readInput } from "./input.ts";
import { throughMiddleware } from "./middleware.ts";
import type { RunSignal } from "./run_signal.ts";
import type { Setup } from "./state.ts";
import { checkOutput, encodeOutput, type OutputFor } from "./output.ts";
import { failed, isThenable } from "./thrown.ts";

/** What is needed to run a function's handler. All of it comes from the function's file. */
export interface Executable extends Exhaustible, KeyAsked {
  readonly handler: Handler;
  /** What is around the handler, the outermost first. */
  readonly use: readonly NamedMiddleware[];
  /** Whether the handler gets batches. */
  readonly batches: boolean;
  /** Makes the state that all its runs in one process have. */
  readonly setup: Setup | undefined;
  readonly output: StandardSchema | undefined;
  readonly outputFor: OutputFor;
}

/**
 * Takes from a declaration what is needed to run it. Its options have been checked. `memory` is the function's setting,
 * in megabytes; `around` is the operator's middleware.
 */
export function executable(
  name: string,
  { trigger, handler, options }: FunctionDeclaration,
  memory: number,
  around: readonly NamedMiddleware[] = [],
): Executable {
  const { codec, input, output, publish, setup, onExhausted, batch, use: own = [] } = options as {
    codec?: Codec;
    input?: StandardSchema;
    output?: StandardSchema;
    publish?: unknown;
    setup?: Setup;
    onExhausted?: Options["onExhausted"];
    batch?: Batching;
    use?: readonly Middleware[];
  };
  const use = [...around, ...own.map((run, i) => ({ name: run.name || `use[${i}]`, run }))];
  const batches = batch !== undefined;
  const isRpc = trigger.kind === "rpc";
  const outputFor = isRpc ? "reply" : publish === undefined ? "nobody" : "publish";
  const limit = { bytes: memory * shareForBody, about: `, a quarter of the function's memory (${memory}MB)` };
  const keyOf = keyFunctionIn(options);
  return {
    name,
    handler,
    use,
    batches,
    keyOf,
    setup,
    onExhausted,
    isRpc,
    codec,
    input,
    output,
    outputFor,
    limit,
  };
}

// A quarter, because the text and the decoded value take memory too.
const shareForBody = 1024 * 1024 / 4;

/**
 * Decodes and checks the input, runs the handler, and checks and encodes its output. `state` is what the function's setup returned.
 * For a job whose message failed for good, it calls `onExhausted` instead, and for one that asks for a key, its function. Never throws or rejects.
 */
export function execute(
  code: Executable,
  work: Work,
  signal: RunSignal,
  state: unknown,
): Outcome | Promise<Outcome> {
  if (!isBatch(work) && work.asksKey) return askKey(code, work.message);
  if (work.exhausted && !isBatch(work)) return callExhausted(code, work, work.exhausted, signal, state);
  // A deploy may have replaced code for batches by code for single messages, or the other way round.
  if (isBatch(work) && !code.batches) return eachAlone(work, (job) => execute(code, job, signal, state));
  if (!isBatch(work) && code.batches) return asBatch(work, (batch) => execute(code, batch, signal, state));
  const run = (work: Work) =>
    isBatch(work) ? executeBatch(code, work, signal, state) : executeJob(code, work, signal, state);
  return code.use.length === 0 ? run(work) : throughMiddleware(code, work, signal, state, run);
}

function executeJob(
  code: Executable,
  job: Job,
  signal: RunSignal,
  state: unknown,
): Outcome | Promise<Outcome> {
  try {
    const read = readInput(job.message, code);
    return read instanceof Promise
      ? read.then((read) => handle(code, read, job, signal, state)).catch(failed)
      : handle(code, read, job, signal, state);
  } catch (error) {
    return failed(error);
  }
}

function handle(
  code: Executable,
  read: Read,
  job: Job,
  signal: RunSignal,
  state: unknown,
): Outcome | Promise<Outcome> {
  if (!read.ok) return { kind: "rejected", error: read.error };
  const returned = code.handler(read.input, new RunContext(code.name, job, signal, state));
  return isThenable(returned)
    ? Promise.resolve(returned).then((output) => finish(code, output), failed)
    : finish(code, returned);
}

function finish(code: Executable, output: unknown): Outcome | Promise<Outcome> {
  if (code.output !== undefined) {
    return checkOutput(output, code.output).then((checked) => returned(code, checked)).catch(failed);
  }
  return code.outputFor === "nobody" && output === undefined ? nothing : returned(code, output);
}

const nothing: Outcome = { kind: "returned" };

function returned({ outputFor, codec }: Executable, output: unknown): Outcome | Promise<Outcome> {
  try {
    const encoded = encodeOutput(output, outputFor, codec);
    return encoded instanceof Promise ? encoded.then(withOutput, failed) : withOutput(encoded);
  } catch (error) {
    return failed(error);
  }
}

function withOutput(output: Encoded | undefined): Outcome {
  return { kind: "returned", output };
}
