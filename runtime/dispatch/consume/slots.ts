import type { Pace, Permit } from "../rate/pace.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";

/** A piece of work; `permit` is what the pace gave for it, if there is one. */
export type Job = (permit?: Permit) => MaybePromise<unknown>;

/**
 * Runs jobs in the order in which they come, up to `concurrency` at the same time, and each when the pace gives a permit
 * for it, if there is one. The others wait.
 */
export class Slots {
  readonly #concurrency: number;
  readonly #pace: Pace | undefined;
  readonly #waiting: Job[] = [];
  #head = 0;
  #running = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(concurrency: number, pace?: Pace) {
    this.#concurrency = concurrency;
    this.#pace = pace;
  }

  /** How many jobs are running. */
  get running(): number {
    return this.#running;
  }

  /** How many jobs wait to be started. */
  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  /** Whether a new job would have to wait. */
  get full(): boolean {
    if (this.#running >= this.#concurrency) return true;
    return this.#pace !== undefined && (this.waiting > 0 || !this.#pace.ready);
  }

  /** Starts the job, now or when its turn comes. */
  push(job: Job): void {
    if (!this.full) return this.#start(job);
    this.#waiting.push(job);
    if (this.#running < this.#concurrency) this.#pace?.wake(this.#startWaiting);
  }

  /** Forgets the waiting jobs, and returns how many there were. */
  clear(): number {
    const forgotten = this.waiting;
    this.#waiting.length = 0;
    this.#head = 0;
    this.#pace?.forget(this.#startWaiting);
    this.#settleIdle();
    return forgotten;
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    if (this.#running === 0 && this.waiting === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  /** Starts a job. A job that ends at once makes room for the next one. */
  #start(job: Job): void {
    for (let next: Job | undefined = job; next; next = this.#shift()) {
      this.#running++;
      const permit = this.#pace?.take();
      const ending = attempt(next, permit);
      if (ending instanceof Promise) {
        const ended = permit === undefined ? this.#ended : () => this.#endedWith(permit);
        return void ending.then(ended, ended);
      }
      this.#running--;
      permit?.release();
    }
    this.#settleIdle();
  }

  readonly #ended = () => {
    this.#running--;
    const next = this.#shift();
    if (next) this.#start(next);
    else this.#settleIdle();
  };

  #endedWith(permit: Permit): void {
    permit.release();
    this.#ended();
  }

  readonly #startWaiting = () => {
    while (this.#running < this.#concurrency) {
      const next = this.#shift();
      if (next === undefined) return;
      this.#start(next);
    }
  };

  /** The next job, if there is one and it may start now. */
  #shift(): Job | undefined {
    if (this.waiting === 0) return undefined;
    if (this.#pace !== undefined && !this.#pace.ready) {
      this.#pace.wake(this.#startWaiting);
      return undefined;
    }
    const next = this.#waiting[this.#head++];
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
    return next;
  }

  #settleIdle(): void {
    if (this.#running > 0 || this.waiting > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}

// A job that throws has ended too, and its slot is free.
function attempt(job: Job, permit: Permit | undefined): MaybePromise<unknown> {
  try {
    return job(permit);
  } catch {
    return undefined;
  }
}
