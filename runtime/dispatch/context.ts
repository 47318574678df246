import type { Caller, Context, Log } from "../core/context.ts";
import type { Emit, LogLevel } from "../core/events.ts";
import type { Run } from "./run.ts";
import type { RunSignal } from "./run_signal.ts";

/** What the contexts of one function have in common. */
export interface ContextParts {
  readonly name: string;
  readonly caller: Caller;
  readonly emit: Emit;
  /** Settles a run as its handler wishes, under `ack: "manual"`. */
  readonly settle: (run: Run, wish: "ack" | "requeue" | "dead-letter") => void;
}

/** The context of one run. What few handlers use is made when they ask for it. */
export class RunContext implements Context {
  readonly #parts: ContextParts;
  readonly #run: Run;
  readonly #signal: RunSignal;
  #log: Log | undefined;

  constructor(parts: ContextParts, run: Run, signal: RunSignal) {
    this.#parts = parts;
    this.#run = run;
    this.#signal = signal;
  }

  get name(): string {
    return this.#parts.name;
  }

  get message(): Context["message"] {
    return this.#run.message;
  }

  get attempt(): number {
    return this.#run.attempt;
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  get log(): Log {
    return this.#log ??= createLog(this.#parts, this.#run);
  }

  get ack(): Context["ack"] {
    return () => this.#parts.settle(this.#run, "ack");
  }

  get nack(): Context["nack"] {
    return ({ requeue = true } = {}) => this.#parts.settle(this.#run, requeue ? "requeue" : "dead-letter");
  }

  get send(): Caller["send"] {
    return this.#parts.caller.send;
  }

  get publish(): Caller["publish"] {
    return this.#parts.caller.publish;
  }

  get call(): Caller["call"] {
    return this.#parts.caller.call;
  }
}

function createLog({ name, emit }: ContextParts, { message: { id: messageId } }: Run): Log {
  const at = (level: LogLevel) => (message: string, data?: Readonly<Record<string, unknown>>) =>
    emit({ event: "log", level, function: name, messageId, message: String(message), data });
  const info = at("info");
  return Object.assign(info.bind(undefined), {
    debug: at("debug"),
    info,
    warn: at("warn"),
    error: at("error"),
  });
}
