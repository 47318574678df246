import type { Codec } from "../core/codec.ts";
import { parseDuration } from "../core/duration.ts";
import { Reject, Retry } from "../core/errors.ts";
import type { FunctionDeclaration, Handler } from "../core/function.ts";
import type { Job } from "../core/host.ts";
import type { Outcome } from "../core/outcome.ts";
import type { StandardSchema } from "../core/schema.ts";
import { RunContext } from "./context.ts";
import { type Read, type Reading, readInput } from "./read.ts";
import type { RunSignal } from "./run_signal.ts";
import { checkOutput, encodeOutput, type OutputFor } from "./write.ts";

/** A function as it is run: all of it is said by its own file. */
export interface Executable extends Reading {
  readonly name: string;
  readonly handler: Handler;
  readonly output: StandardSchema | undefined;
  readonly outputFor: OutputFor;
}

/** The part of a declaration that running it takes. Its options have been checked. */
export function executable(
  name: string,
  { trigger, handler, options }: FunctionDeclaration,
): Executable {
  const { codec, input, output, publish } = options as {
    codec?: Codec;
    input?: StandardSchema;
    output?: StandardSchema;
    publish?: unknown;
  };
  const isRpc = trigger.kind === "rpc";
  const outputFor = isRpc ? "reply" : publish === undefined ? "nobody" : "publish";
  return { name, handler, isRpc, codec, input, output, outputFor };
}

/** Decodes, checks, runs the handler, checks and encodes what it returned. Never throws or rejects. */
export function execute(code: Executable, job: Job, signal: RunSignal): Outcome | Promise<Outcome> {
  try {
    const read = readInput(job.message, code);
    return read instanceof Promise
      ? read.then((read) => handle(code, read, job, signal)).catch(failed)
      : handle(code, read, job, signal);
  } catch (error) {
    return failed(error);
  }
}

function handle(code: Executable, read: Read, job: Job, signal: RunSignal): Outcome | Promise<Outcome> {
  if (!read.ok) return { kind: "rejected", error: read.error };
  const returned = code.handler(read.input, new RunContext(code.name, job, signal));
  return isThenable(returned)
    ? Promise.resolve(returned).then((output) => finish(code, output), failed)
    : finish(code, returned);
}

function finish(code: Executable, output: unknown): Outcome | Promise<Outcome> {
  if (code.output !== undefined) {
    return checkOutput(output, code.output).then((checked) => returned(code, checked)).catch(failed);
  }
  return code.outputFor === "nobody" ? nothing : returned(code, output);
}

const nothing: Outcome = { kind: "returned" };

function returned({ outputFor, codec }: Executable, output: unknown): Outcome {
  try {
    return { kind: "returned", output: encodeOutput(output, outputFor, codec) };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): Outcome {
  if (error instanceof Reject) return { kind: "rejected", error };
  if (error instanceof Retry) return { kind: "retry", error, after: parseDuration(error.after) };
  return { kind: "failed", error };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
