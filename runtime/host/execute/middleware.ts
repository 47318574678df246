import { ArgumentError, type BatchFailure } from "../../core/api/errors.ts";
import type { NamedMiddleware, Next, RunResult } from "../../core/api/middleware.ts";
import { type Batch, isBatch, type Work } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { shown } from "../../core/text/shown.ts";
import { isRecord } from "../../core/values.ts";
import { batchOf, changedWork } from "./changed_work.ts";
import { MiddlewareContext } from "./middleware_context.ts";
import type { OutputFor } from "./output.ts";
import type { RunSignal } from "./run_signal.ts";
import { failed } from "./thrown.ts";

/** What is needed to run a handler inside middleware. */
export interface Surrounded {
  readonly name: string;
  /** The outermost first. */
  readonly use: readonly NamedMiddleware[];
  readonly outputFor: OutputFor;
}

/** Runs the handler itself. */
export type Innermost = (work: Work) => Outcome | Promise<Outcome>;

/** Runs the handler inside the function's middleware. Never rejects. */
export async function throughMiddleware(
  { name, use, outputFor }: Surrounded,
  work: Work,
  signal: RunSignal,
  state: unknown,
  innermost: Innermost,
): Promise<Outcome> {
  const from = async (index: number, work: Work): Promise<RunResult> => {
    const middleware = use[index];
    if (middleware === undefined) return await resultOf(innermost, work);
    const run = new MiddlewareContext({ name, work, signal, state });
    return await through(middleware, run, (changed) => from(index + 1, changedWork(work, changed)));
  };
  try {
    return outcomeOf(await from(0, work), outputFor);
  } catch (error) {
    return failed(error);
  }
}

/** Runs one middleware, and holds it to the rules of `next()` and of results. */
async function through(
  { name, run }: NamedMiddleware,
  context: MiddlewareContext,
  inner: Next,
): Promise<RunResult> {
  const wrong = (what: string, instead: string) =>
    new ArgumentError(`Middleware '${name}' ${what}; ${instead}`);
  let inside: Promise<RunResult> | undefined;
  let isInside = false;
  let isOver = false;
  const next: Next = (changed) => {
    if (isOver) return Promise.reject(wrong("called next() after it had returned", awaitNext));
    if (inside !== undefined) {
      return Promise.reject(
        wrong("called next() twice", "the handler runs once for each run: call next() once"),
      );
    }
    isInside = true;
    inside = inner(changed).finally(() => isInside = false);
    // Who does not wait for it learns it below.
    inside.catch(() => {});
    return inside;
  };
  try {
    const result: unknown = await run(context, next);
    if (isInside) throw wrong("returned before next() had ended", awaitNext);
    if (result === undefined) {
      throw wrong("returned nothing", "write: return await next(), or, to run nothing: return run.skip()");
    }
    return checked(result, (what) => wrong(what, "return what next() gave, or { body, contentType }"));
  } finally {
    isOver = true;
    // The run is over only when its handler is.
    if (isInside) await inside?.catch(() => {});
  }
}

const awaitNext = "write: return await next()";

function checked(result: unknown, wrong: (what: string) => Error): RunResult {
  if (!isRecord(result)) throw wrong(`returned ${shown(result)}`);
  const { body, contentType } = result as Record<keyof RunResult, unknown>;
  if (body !== undefined && !(body instanceof Uint8Array)) {
    throw wrong(`returned a body that is ${shown(body)}`);
  }
  if (contentType !== undefined && typeof contentType !== "string") {
    throw wrong(`returned a contentType that is ${shown(contentType)}`);
  }
  return result as RunResult;
}

/** Runs the handler. Rejects with what it threw. */
async function resultOf(innermost: Innermost, work: Work): Promise<RunResult> {
  const failures: BatchFailure[] = [];
  const outcome = await innermost(isBatch(work) ? noting(work, failures) : work);
  if (outcome.kind !== "returned") {
    throw "error" in outcome ? outcome.error : new Error(`The run is ${outcome.kind}`);
  }
  const { output } = outcome;
  return {
    ...output && { body: output.body, contentType: output.contentType },
    ...failures.length > 0 && { failed: failures },
  };
}

/** The same batch, which also notes what failed in it. */
function noting(batch: Batch, failures: BatchFailure[]): Batch {
  return batchOf(batch, batch.items, (index, outcome) => {
    if ("error" in outcome) failures.push({ item: index, error: outcome.error });
    batch.itemEnded(index, outcome);
  });
}

function outcomeOf(
  { body, contentType = "application/octet-stream" }: RunResult,
  outputFor: OutputFor,
): Outcome {
  if (outputFor === "nobody") return { kind: "returned" };
  if (body !== undefined) return { kind: "returned", output: { body, contentType } };
  if (outputFor === "publish") return { kind: "returned" };
  throw new ArgumentError(
    "The middleware gave no reply, and the caller waits for one; to run nothing, throw an RpcError, or return { body }",
  );
}
