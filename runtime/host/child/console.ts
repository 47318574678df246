import { AsyncLocalStorage } from "node:async_hooks";
import { formatWithOptions } from "node:util";
import type { LogLevel } from "../../core/ports/events.ts";

/** Takes a line of the console; `run` is the run it was written in, `0` outside of any. */
export type Write = (run: number, level: LogLevel, text: string) => void;

const levels = {
  debug: "debug",
  trace: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
} as const;

// An object of several lines would be as hard to read in a log as in JSON.
const oneLine = { colors: false, breakLength: Infinity, compact: true } as const;

/** Makes log lines of what a handler writes to the console, with the run they belong to. */
export class RunConsole {
  readonly #runs = new AsyncLocalStorage<number>();

  constructor(write: Write) {
    for (const [method, level] of Object.entries(levels)) {
      console[method as keyof typeof levels] = (...values: unknown[]) =>
        write(this.#runs.getStore() ?? 0, level, formatWithOptions(oneLine, ...values));
    }
  }

  /** Does the work of a run; what it starts and awaits belongs to the run too. */
  within<T>(run: number, work: () => T): T {
    return this.#runs.run(run, work);
  }
}
