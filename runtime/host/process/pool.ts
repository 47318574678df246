import { HostUnavailable } from "../../core/ports/run_errors.ts";
import { HostProcess, type ProcessHome } from "./process.ts";
import type { ProcessSpec } from "./spawn.ts";
import { plainSpec } from "./spec.ts";

/** A process that was started before it is needed. */
interface Ahead {
  /** Its spec as text. */
  readonly like: string;
  readonly starting: Promise<HostProcess | undefined>;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** What a process was started for. */
interface Purpose {
  readonly entry: string;
  readonly spec: ProcessSpec;
}

/** Starts the processes of functions, and keeps track of them. */
export class ProcessPool {
  readonly #home: ProcessHome;
  readonly #aheadMs: number;
  readonly #started = new Map<HostProcess, Purpose>();
  #ahead: Ahead | undefined;
  #closed = false;

  /** A process that was started ahead is killed if it is not needed within `aheadMs` milliseconds. */
  constructor(home: ProcessHome, aheadMs = 2_000) {
    this.#home = home;
    this.#aheadMs = aheadMs;
  }

  /**
   * Gives a process for the function file `entry`. It has loaded nothing yet. Rejects with `HostUnavailable`, also when
   * `stop` aborts.
   */
  async start(spec: ProcessSpec, entry: string, stop?: AbortSignal): Promise<HostProcess> {
    return await this.#takeAhead(spec) ?? await this.#start(spec, entry, stop);
  }

  /**
   * Starts the process that a function file will probably need, while its declaration is still being read: one with the
   * same spec as its function has now, or else one without permissions. Only one such process waits at a time.
   */
  startAhead(entry: string, modules: readonly string[]): void {
    const before = [...this.#started.values()].findLast((purpose) => purpose.entry === entry);
    // Two processes cannot have one inspector.
    if (before?.spec.inspector) return;
    const spec = before?.spec ?? plainSpec(modules);
    const like = JSON.stringify(spec);
    if (this.#ahead?.like === like) return;
    this.dropAhead();
    const starting = this.#start(spec, entry).catch(() => undefined);
    const timer = setTimeout(() => this.dropAhead(), this.#aheadMs);
    this.#ahead = { like, starting, timer };
  }

  /** Ends the process that was started ahead, for example because packages were fetched since. */
  dropAhead(): void {
    this.#forgetAhead()?.starting.then((process) => process?.kill());
  }

  /** Ends all processes, and starts no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#forgetAhead()?.starting;
    for (const process of this.#started.keys()) process.kill();
    await Promise.all([...this.#started.keys()].map(({ ended }) => ended));
  }

  async #start(spec: ProcessSpec, entry: string, stop?: AbortSignal): Promise<HostProcess> {
    if (this.#closed) throw new HostUnavailable("the runtime stops");
    const process = await HostProcess.start(spec, this.#home, stop);
    this.#started.set(process, { entry, spec });
    process.ended.then(() => this.#started.delete(process));
    // The pool may have been closed while this one was starting.
    if (this.#closed) process.kill();
    return process;
  }

  async #takeAhead(spec: ProcessSpec): Promise<HostProcess | undefined> {
    if (this.#ahead?.like !== JSON.stringify(spec)) return undefined;
    const process = await this.#forgetAhead()?.starting;
    // It may have ended in the meantime.
    return process && this.#started.has(process) ? process : undefined;
  }

  #forgetAhead(): Ahead | undefined {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    clearTimeout(ahead?.timer);
    return ahead;
  }
}
