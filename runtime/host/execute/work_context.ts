import type { Caller, Log } from "../../core/api/context.ts";
import type { LogLevel } from "../../core/ports/events.ts";
import type { Work } from "../../core/ports/host.ts";
import { logData } from "../../core/text/log_data.ts";
import type { RunSignal } from "./run_signal.ts";

/** What a context is made of. */
export interface WorkContextParts {
  readonly name: string;
  readonly work: Pick<Work, "caller" | "log">;
  readonly signal: RunSignal;
  readonly state: unknown;
}

/** What every context of a run has, be it of a message, of a batch or of a middleware. It is made when it is used. */
export abstract class WorkContext implements Caller {
  readonly name: string;
  readonly state: unknown;
  readonly #work: WorkContextParts["work"];
  readonly #signal: RunSignal;
  #log: Log | undefined;

  constructor({ name, work, signal, state }: WorkContextParts) {
    this.name = name;
    this.state = state;
    this.#work = work;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  get log(): Log {
    return this.#log ??= createLog(this.#work);
  }

  get send(): Caller["send"] {
    return this.#work.caller.send;
  }

  get publish(): Caller["publish"] {
    return this.#work.caller.publish;
  }

  get call(): Caller["call"] {
    return this.#work.caller.call;
  }

  get cancel(): Caller["cancel"] {
    return this.#work.caller.cancel;
  }
}

/** A log that writes where a run's lines go, or a setup's. */
export function createLog(job: Pick<Work, "log">): Log {
  const at = (level: LogLevel) => (message: string, data?: Readonly<Record<string, unknown>>) =>
    job.log(level, String(message), data === undefined ? undefined : logData(data));
  const info = at("info");
  return Object.assign(info.bind(undefined), {
    debug: at("debug"),
    info,
    warn: at("warn"),
    error: at("error"),
  });
}
