/** Log lines that one function may write in a second; what comes beyond is counted and dropped. */
const mostLines = 1000;
const windowMs = 1000;

/** Keeps a function that floods the log from keeping the runtime busy with it. */
export class LogBudget {
  readonly #onDropped: (count: number) => void;
  readonly #now: () => number;
  #windowEnd = 0;
  #lines = 0;
  #dropped = 0;

  /** `onDropped` is told how many lines went, once the second is over and another line comes. */
  constructor(onDropped: (count: number) => void, now: () => number = performance.now.bind(performance)) {
    this.#onDropped = onDropped;
    this.#now = now;
  }

  /** Whether one more line may be written. */
  take(): boolean {
    const now = this.#now();
    if (now >= this.#windowEnd) {
      this.flush();
      this.#windowEnd = now + windowMs;
      this.#lines = 0;
    }
    if (++this.#lines <= mostLines) return true;
    this.#dropped++;
    return false;
  }

  /** Says what was dropped so far. */
  flush(): void {
    if (this.#dropped > 0) this.#onDropped(this.#dropped);
    this.#dropped = 0;
  }
}
