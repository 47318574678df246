import type { Log, SetupContext } from "../../core/api/context.ts";
import { HopperError } from "../../core/api/errors.ts";
import { isRecord } from "../../core/values.ts";

/** A function's setup. */
export type Setup = (context: SetupContext) => unknown;

/** What running a setup takes. */
export interface SetupParts {
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
  /** Milliseconds that it may take. */
  readonly ms: number;
  /** Aborts when the function stops before the setup is done. */
  readonly stop?: AbortSignal;
}

/**
 * Runs a setup, and returns the state that it made. Rejects with what it threw, or with `SetupTimeout`. What it returns
 * after that is disposed of.
 */
export async function setUp(setup: Setup, { env, log, ms, stop }: SetupParts): Promise<unknown> {
  const over = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new SetupTimeout(ms)), ms);
  const onStop = () => reject(new HopperError("STOPPING", "The function stops"));
  stop?.addEventListener("abort", onStop, { once: true });
  const running = Promise.resolve().then(() => setup({ env, signal: over.signal, log }));
  try {
    return await Promise.race([running, ended]);
  } catch (error) {
    over.abort(error);
    running.then(disposeOf).catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
    stop?.removeEventListener("abort", onStop);
  }
}

/** A setup took longer than the function's `setupTimeout`. */
export class SetupTimeout extends HopperError {
  /** `ms` is how many milliseconds it was allowed. */
  constructor(ms: number) {
    super("SETUP_TIMEOUT", `It took longer than ${ms} ms; write a longer 'setupTimeout' if it needs more`);
  }
}

/**
 * Disposes of a state: by its own method, or else of each of its properties that has one, the last first. Rejects with
 * what they throw, when all have been asked.
 */
export async function disposeOf(state: unknown): Promise<void> {
  const own = disposerOf(state);
  const disposers = own === undefined && isRecord(state)
    ? Object.values(state).reverse().map(disposerOf)
    : [own];
  const errors: unknown[] = [];
  for (const dispose of disposers) {
    try {
      await dispose?.();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} parts of the state`);
}

const methods = [Symbol.asyncDispose, Symbol.dispose, "close"] as const;

function disposerOf(value: unknown): (() => unknown) | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  const found = methods.find((name) => typeof Reflect.get(value, name) === "function");
  return found === undefined ? undefined : () => Reflect.get(value, found).call(value);
}

/** What a function's log says of a state that could not be disposed of. */
export function notDisposed(why: string): string {
  return `What 'setup' returned could not be disposed of: ${why}`;
}
