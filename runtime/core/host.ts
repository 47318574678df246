import type { Context } from "./context.ts";

/** Where handlers run. */
export interface Host {
  /** Runs the handler once: gives what it returns, or a promise of it; throws or rejects with what it throws. */
  run(input: unknown, context: Context): unknown;
}
