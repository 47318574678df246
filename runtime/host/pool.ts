import { HostUnavailable } from "../core/run_errors.ts";
import { HostProcess, type ProcessHome } from "./process.ts";
import type { ProcessSpec } from "./spawn.ts";

/** Starts the processes of functions, and knows those that are there. */
export class ProcessPool {
  readonly #home: ProcessHome;
  readonly #started = new Set<HostProcess>();
  #closed = false;

  constructor(home: ProcessHome) {
    this.#home = home;
  }

  /** A process that has loaded nothing yet. Rejects with `HostUnavailable`. */
  async start(spec: ProcessSpec): Promise<HostProcess> {
    if (this.#closed) throw new HostUnavailable("the runtime stops");
    const process = await HostProcess.start(spec, this.#home);
    this.#started.add(process);
    process.ended.then(() => this.#started.delete(process));
    // One that was being started while the others were ended would be left.
    if (this.#closed) process.kill();
    return process;
  }

  /** Ends every process there is, and starts no more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const process of this.#started) process.kill();
    await Promise.all([...this.#started].map(({ ended }) => ended));
  }
}
