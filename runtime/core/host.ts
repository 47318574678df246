import type { Context } from "./context.ts";

/** Where handlers run. */
export interface Host {
  /** Runs the handler once; resolves with what it returns, rejects with what it throws. */
  run(input: unknown, context: Context): Promise<unknown>;
}
