import { decodeBody } from "../../core/body/codec.ts";
import type { Options } from "../../core/api/options.ts";
import type { Job } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { RunContext } from "./context.ts";
import { type Reading, readInput } from "./input.ts";
import type { RunSignal } from "./run_signal.ts";

/** What is needed to call a function's `onExhausted`. */
export interface Exhaustible extends Reading {
  readonly name: string;
  readonly onExhausted: Options["onExhausted"];
}

/** Calls a function's `onExhausted` for a message that failed for good because of `error`. Never rejects. */
export async function callExhausted(
  code: Exhaustible,
  job: Job,
  error: Error,
  signal: RunSignal,
  state: unknown,
): Promise<Outcome> {
  try {
    const message = await readAnyway(code, job);
    await code.onExhausted?.(message, error, new RunContext(code.name, job, signal, state));
    return { kind: "returned" };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** The message as its handler gets it; if it gets none, what was decoded, or the body's bytes. */
async function readAnyway(code: Exhaustible, { message }: Job): Promise<unknown> {
  const read = await readInput(message, code);
  if (read.ok) return read.input;
  const decoded = await decodeBody(message, code.limit, code.codec);
  return decoded.ok ? decoded.value : message.body.slice();
}
