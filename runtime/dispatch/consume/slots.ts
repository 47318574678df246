import type { MaybePromise } from "../delivery/maybe_promise.ts";

/** A piece of work. */
export type Job = () => MaybePromise<void>;

/** Runs jobs in the order in which they come, up to `concurrency` at the same time. The others wait. */
export class Slots {
  readonly #concurrency: number;
  readonly #waiting: Job[] = [];
  #head = 0;
  #running = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  #rest: PromiseWithResolvers<void> | undefined;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
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
    return this.#running >= this.#concurrency || this.#rest !== undefined;
  }

  /** Starts the job, now or when its turn comes. */
  push(job: Job): void {
    if (this.full) this.#waiting.push(job);
    else this.#start(job);
  }

  /** Starts no further job until `clear`. Resolves when none is running. */
  async rest(): Promise<void> {
    this.#rest ??= Promise.withResolvers();
    if (this.#running === 0) this.#rest.resolve();
    await this.#rest.promise;
  }

  /** Forgets the waiting jobs, and returns how many there were. */
  clear(): number {
    this.#rest?.resolve();
    this.#rest = undefined;
    const forgotten = this.waiting;
    this.#waiting.length = 0;
    this.#head = 0;
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
      const ending = attempt(next);
      if (ending) return void ending.then(this.#ended, this.#ended);
      this.#running--;
    }
    this.#settleIdle();
  }

  readonly #ended = () => {
    this.#running--;
    const next = this.#shift();
    if (next) this.#start(next);
    else this.#settleIdle();
  };

  #shift(): Job | undefined {
    if (this.waiting === 0 || this.#rest !== undefined) return undefined;
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
    if (this.#running === 0) this.#rest?.resolve();
    if (this.#running > 0 || this.waiting > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}

// A job that throws has ended too, and its slot is free.
function attempt(job: Job): MaybePromise<void> {
  try {
    return job();
  } catch {
    return undefined;
  }
}
