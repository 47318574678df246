import { HostUnavailable } from "../core/run_errors.ts";
import { HostProcess, type ProcessHome } from "./process.ts";
import type { ProcessSpec } from "./spawn.ts";

/** Starts processes, and keeps some that nobody has asked for yet, which saves the next function the wait. */
export class ProcessPool {
  readonly #home: ProcessHome;
  readonly #size: number;
  #spec: ProcessSpec | undefined;
  #warm: Promise<HostProcess | undefined>[] = [];
  /** Those that somebody has, until they end. */
  readonly #taken = new Set<HostProcess>();
  #closed = false;

  /** `size` processes are kept ready, for the spec that was asked for last. */
  constructor(home: ProcessHome, size: number) {
    this.#home = home;
    this.#size = size;
  }

  /** A process that has loaded nothing yet. Rejects with `HostUnavailable`. */
  async take(spec: ProcessSpec): Promise<HostProcess> {
    if (this.#closed) throw new HostUnavailable("the runtime stops");
    const warm = this.#spec !== undefined && isSame(spec, this.#spec) ? await this.#warm.shift() : undefined;
    try {
      const process = warm ?? await HostProcess.start(spec, this.#home);
      this.#taken.add(process);
      process.ended.then(() => this.#taken.delete(process));
      return process;
    } finally {
      this.#fill(spec);
    }
  }

  /** Ends those that nobody has asked for yet, which do not know what has become of the world since. */
  async renew(): Promise<void> {
    await this.#empty();
    if (this.#spec) this.#fill(this.#spec);
  }

  /** Ends every process there is, and starts no more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const process of this.#taken) process.kill();
    await Promise.all([this.#empty(), ...[...this.#taken].map(({ ended }) => ended)]);
  }

  #fill(spec: ProcessSpec): void {
    if (this.#closed || this.#size === 0) return;
    if (this.#spec === undefined || !isSame(spec, this.#spec)) {
      if (!isPlain(spec)) return;
      this.#empty();
      this.#spec = spec;
    }
    while (this.#warm.length < this.#size) {
      this.#warm.push(HostProcess.start(spec, this.#home).catch(() => undefined));
    }
  }

  async #empty(): Promise<void> {
    const warm = this.#warm;
    this.#warm = [];
    await Promise.all(warm.map(async (starting) => await (await starting)?.close()));
  }
}

/** Whether many functions may ask for just this. */
function isPlain({ permissions, env }: ProcessSpec): boolean {
  return permissions.length === 0 && Object.keys(env).length === 0;
}

function isSame(one: ProcessSpec, other: ProcessSpec): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
