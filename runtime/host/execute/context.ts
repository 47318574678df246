import type { Context } from "../../core/api/context.ts";
import type { Job } from "../../core/ports/host.ts";
import { ownMessage } from "./own_message.ts";
import type { RunSignal } from "./run_signal.ts";
import { WorkContext } from "./work_context.ts";

/** The context of one run. Its parts are made when the handler uses them. */
export class RunContext extends WorkContext implements Context {
  readonly #job: Job;
  #message: Context["message"] | undefined;

  constructor(name: string, job: Job, signal: RunSignal, state: unknown) {
    super({ name, work: job, signal, state });
    this.#job = job;
  }

  get message(): Context["message"] {
    return this.#message ??= ownMessage(this.#job);
  }

  get attempt(): number {
    return this.#job.attempt;
  }

  get ack(): Context["ack"] {
    return () => this.#job.settle("ack");
  }

  get nack(): Context["nack"] {
    return ({ requeue = true } = {}) => this.#job.settle(requeue ? "requeue" : "dead-letter");
  }
}
