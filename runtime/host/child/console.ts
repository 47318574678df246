import { AsyncLocalStorage } from "node:async_hooks";
import { formatWithOptions } from "node:util";
import type { LogLevel } from "../../core/ports/events.ts";

/** Takes a line of the console. `run` is the run that wrote it, `0` outside of any run. */
export type Write = (run: number, level: LogLevel, text: string) => void;

const levels = {
  debug: "debug",
  trace: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
} as const;

// Objects are printed on one line, because several lines are hard to read in a log.
const oneLine = { colors: false, breakLength: Infinity, compact: true } as const;

/** Turns what a handler writes to the console into log lines of its run. */
export class RunConsole {
  readonly #runs = new AsyncLocalStorage<number>();

  constructor(write: Write) {
    for (const [method, level] of Object.entries(levels)) {
      console[method as keyof typeof levels] = (...values: unknown[]) =>
        write(this.#runs.getStore() ?? 0, level, formatWithOptions(oneLine, ...values));
    }
  }

  /** Does the work of a run. Everything that it starts and awaits belongs to the run too. */
  within<T>(run: number, work: () => T): T {
    return this.#runs.run(run, work);
  }
}
