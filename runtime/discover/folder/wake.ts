/** When to look, in milliseconds. */
export interface WakeOptions {
  /** After the last hint. */
  readonly debounceMs: number;
  /** At the latest. */
  readonly latestMs: number;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

/** Decides when to look again: soon after the hints stop, and now and then without a hint. */
export class Wake {
  readonly #options: WakeOptions;
  #hinted = false;
  /** Postpones the end of the current wait. */
  #postpone: (() => void) | undefined;

  constructor(options: WakeOptions) {
    this.#options = options;
  }

  /** Something may have changed. Outside of a wait this counts for the next one. */
  hint(): void {
    if (this.#postpone) this.#postpone();
    else this.#hinted = true;
  }

  /** Waits until it is time to look. */
  async next(): Promise<void> {
    const { debounceMs, latestMs } = this.#options;
    const now = Promise.withResolvers<void>();
    let soon: ReturnType<typeof setTimeout> | undefined;
    this.#postpone = () => {
      clearTimeout(soon);
      soon = setTimeout(now.resolve, debounceMs);
    };
    if (this.#hinted) this.#postpone();
    this.#hinted = false;
    try {
      await this.#within(latestMs, now.promise);
    } finally {
      clearTimeout(soon);
      this.#postpone = undefined;
    }
  }

  /** Waits for `ms`, or until the signal aborts. */
  async pause(ms: number): Promise<void> {
    await this.#within(ms, new Promise(() => {}));
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    const { signal } = this.#options;
    if (signal.aborted) return;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    await Promise.race([work, over]);
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}
