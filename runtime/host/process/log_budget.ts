/** How many log lines and bytes a function may write per second. More lines are dropped and counted. */
const max = { lines: 1000, bytes: 1024 * 1024 };
const windowMs = 1000;

/** Limits the log lines of a function, so that it cannot keep the runtime busy. */
export class LogBudget {
  readonly #onDropped: (count: number) => void;
  readonly #now: () => number;
  #windowEnd = 0;
  #lines = 0;
  #bytes = 0;
  #dropped = 0;

  /** `onDropped` gets the number of dropped lines, with the first line after that second. */
  constructor(onDropped: (count: number) => void, now: () => number = performance.now.bind(performance)) {
    this.#onDropped = onDropped;
    this.#now = now;
  }

  /** Whether one more line of this many bytes may be written. */
  take(bytes: number): boolean {
    const now = this.#now();
    if (now >= this.#windowEnd) {
      this.flush();
      this.#windowEnd = now + windowMs;
      this.#lines = 0;
      this.#bytes = 0;
    }
    // A dropped line does not count, so a shorter one after it may still be written.
    if (this.#lines < max.lines && this.#bytes + bytes <= max.bytes) {
      this.#lines++;
      this.#bytes += bytes;
      return true;
    }
    this.#dropped++;
    return false;
  }

  /** Reports what was dropped so far. */
  flush(): void {
    if (this.#dropped > 0) this.#onDropped(this.#dropped);
    this.#dropped = 0;
  }
}
