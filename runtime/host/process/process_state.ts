import { HopperError } from "../../core/api/errors.ts";
import { HostEnded } from "../../core/ports/run_errors.ts";
import { graceMs } from "../../core/settings/run_limits.ts";
import { asErrorCopy, reviveError } from "../wire/error_copy.ts";
import type { Frame } from "../wire/frame.ts";
import { fromHost, toHost } from "../wire/messages.ts";
import type { HostProcess } from "./process.ts";

/** Disposing of a state may take this many milliseconds. */
const tearDownMs = 5_000;

/** The state of a function in its process: it is made before the first run, and disposed of after the last. */
export class ProcessState {
  readonly #process: HostProcess;
  #isMade = false;
  /** The step under way. */
  #step: PromiseWithResolvers<void> | undefined;

  constructor(process: HostProcess) {
    this.#process = process;
  }

  /** Makes it, in `ms` milliseconds. Rejects with what the setup threw, or with `HostEnded`. */
  async make(ms: number): Promise<void> {
    // The process looks at the clock itself. One that is still busy after that hears nothing any more.
    await this.#ask(toHost.setUp, ms, ms + graceMs);
    this.#isMade = true;
  }

  /** Disposes of it, if it was made. Rejects with what its methods threw, or if that takes too long. */
  async dispose(): Promise<void> {
    if (!this.#isMade) return;
    this.#isMade = false;
    await this.#ask(toHost.tearDown, undefined, tearDownMs);
  }

  /** The process says that a step has ended. */
  take({ kind, head }: Frame): void {
    if (kind !== fromHost.setUp && kind !== fromHost.tornDown) return;
    if (head === undefined || head === null) this.#step?.resolve();
    else this.#step?.reject(reviveError(asErrorCopy(head)));
  }

  async #ask(kind: number, head: unknown, ms: number): Promise<void> {
    this.#step = Promise.withResolvers();
    this.#step.promise.catch(() => {}); // It may be late.
    const timer = setTimeout(() => {
      this.#step?.reject(new HopperError("TIMEOUT", `It took longer than ${ms} ms`));
      this.#process.kill();
    }, ms);
    try {
      this.#process.send(kind, 0, head);
      const gone = this.#process.ended.then((how): never => {
        throw new HostEnded(how);
      });
      await Promise.race([this.#step.promise, gone]);
    } finally {
      clearTimeout(timer);
      this.#step = undefined;
    }
  }
}
