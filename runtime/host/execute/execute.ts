import type { Codec, Encoded } from "../../core/body/codec.ts";
import { parseDuration } from "../../core/api/duration.ts";
import { Reject, Retry, RpcError } from "../../core/api/errors.ts";
import type { FunctionDeclaration, Handler } from "../../core/api/function.ts";
import type { Job } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import type { Options } from "../../core/api/options.ts";
import type { StandardSchema } from "../../core/api/schema.ts";
import { RunContext } from "./context.ts";
import { askKey, type KeyAsked, keyFunctionIn } from "./ask_key.ts";
import { callExhausted, type Exhaustible } from "./exhausted.ts";
import { type Read, readInput } from "./input.ts";
import type { RunSignal } from "./run_signal.ts";
import type { Setup } from "./state.ts";
import { checkOutput, encodeOutput, type OutputFor, sendableError } from "./output.ts";

/** What is needed to run a function's handler. All of it comes from the function's file. */
export interface Executable extends Exhaustible, KeyAsked {
  readonly handler: Handler;
  /** Makes the state that all its runs in one process have. */
  readonly setup: Setup | undefined;
  readonly output: StandardSchema | undefined;
  readonly outputFor: OutputFor;
}

/**
 * Takes from a declaration what is needed to run it. Its options have been checked. `memory` is the function's setting,
 * in megabytes.
 */
export function executable(
  name: string,
  { trigger, handler, options }: FunctionDeclaration,
  memory: number,
): Executable {
  const { codec, input, output, publish, setup, onExhausted } = options as {
    codec?: Codec;
    input?: StandardSchema;
    output?: StandardSchema;
    publish?: unknown;
    setup?: Setup;
    onExhausted?: Options["onExhausted"];
  };
  const isRpc = trigger.kind === "rpc";
  const outputFor = isRpc ? "reply" : publish === undefined ? "nobody" : "publish";
  const limit = { bytes: memory * shareForBody, about: `, a quarter of the function's memory (${memory}MB)` };
  const keyOf = keyFunctionIn(options);
  return { name, handler, keyOf, setup, onExhausted, isRpc, codec, input, output, outputFor, limit };
}

// A quarter, because the text and the decoded value take memory too.
const shareForBody = 1024 * 1024 / 4;

/**
 * Decodes and checks the input, runs the handler, and checks and encodes its output. `state` is what the function's setup returned.
 * For a job whose message failed for good, it calls `onExhausted` instead, and for one that asks for a key, its function. Never throws or rejects.
 */
export function execute(
  code: Executable,
  job: Job,
  signal: RunSignal,
  state: unknown,
): Outcome | Promise<Outcome> {
  if (job.asksKey) return askKey(code, job.message);
  if (job.exhausted) return callExhausted(code, job, job.exhausted, signal, state);
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

function failed(error: unknown): Outcome {
  if (error instanceof Reject) return { kind: "rejected", error };
  if (error instanceof Retry) return { kind: "retry", error, after: parseDuration(error.after) };
  try {
    return { kind: "failed", error: error instanceof RpcError ? sendableError(error) : error };
  } catch (cause) {
    // Reading the error's data may throw too.
    return { kind: "failed", error: cause };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
