/** Log lines that one function may write in a second, and their bytes; what comes beyond is counted and dropped. */
const most = { lines: 1000, bytes: 1024 * 1024 };
const windowMs = 1000;

/** Keeps a function that floods the log from keeping the runtime busy with it. */
export class LogBudget {
  readonly #onDropped: (count: number) => void;
  readonly #now: () => number;
  #windowEnd = 0;
  #lines = 0;
  #bytes = 0;
  #dropped = 0;

  /** `onDropped` is told how many lines went, once the second is over and another line comes. */
  constructor(onDropped: (count: number) => void, now: () => number = performance.now.bind(performance)) {
    this.#onDropped = onDropped;
    this.#now = now;
  }

  /** Whether one more line of so many bytes may be written. */
  take(bytes: number): boolean {
    const now = this.#now();
    if (now >= this.#windowEnd) {
      this.flush();
      this.#windowEnd = now + windowMs;
      this.#lines = 0;
      this.#bytes = 0;
    }
    // A line that is too long is no reason to drop the next.
    if (this.#lines < most.lines && this.#bytes + bytes <= most.bytes) {
      this.#lines++;
      this.#bytes += bytes;
      return true;
    }
    this.#dropped++;
    return false;
  }

  /** Says what was dropped so far. */
  flush(): void {
    if (this.#dropped > 0) this.#onDropped(this.#dropped);
    this.#dropped = 0;
  }
}
