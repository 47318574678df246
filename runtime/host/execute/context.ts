import type { Caller, Context, Log } from "../../core/api/context.ts";
import type { LogLevel } from "../../core/ports/events.ts";
import type { Job } from "../../core/ports/host.ts";
import { logData } from "../../core/text/log_data.ts";
import { ownMessage } from "./own_message.ts";
import type { RunSignal } from "./run_signal.ts";

/** The context of one run. Its parts are made when the handler uses them. */
export class RunContext implements Context {
  readonly name: string;
  readonly state: unknown;
  readonly #job: Job;
  readonly #signal: RunSignal;
  #log: Log | undefined;
  #message: Context["message"] | undefined;

  constructor(name: string, job: Job, signal: RunSignal, state: unknown) {
    this.name = name;
    this.state = state;
    this.#job = job;
    this.#signal = signal;
  }

  get message(): Context["message"] {
    return this.#message ??= ownMessage(this.#job);
  }

  get attempt(): number {
    return this.#job.attempt;
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  get log(): Log {
    return this.#log ??= createLog(this.#job);
  }

  get ack(): Context["ack"] {
    return () => this.#job.settle("ack");
  }

  get nack(): Context["nack"] {
    return ({ requeue = true } = {}) => this.#job.settle(requeue ? "requeue" : "dead-letter");
  }

  get send(): Caller["send"] {
    return this.#job.caller.send;
  }

  get publish(): Caller["publish"] {
    return this.#job.caller.publish;
  }

  get call(): Caller["call"] {
    return this.#job.caller.call;
  }

  get cancel(): Caller["cancel"] {
    return this.#job.caller.cancel;
  }
}

/** A log that writes where a run's lines go, or a setup's. */
export function createLog(job: Pick<Job, "log">): Log {
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
