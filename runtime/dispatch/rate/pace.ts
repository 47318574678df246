/** Decides when runs may begin. */
export interface Pace {
  /** Whether a run may begin now. */
  readonly ready: boolean;
  /** Takes a permit, if a run may begin now. */
  take(): Permit | undefined;
  /** Calls back once, when a run may begin. The same function waits once at a time. */
  wake(callback: () => void): void;
  /** Does not call back any more. */
  forget(callback: () => void): void;
  /** Ends its timers and consumers. */
  close(): void;
}

/** The right to begin one run. */
export interface Permit {
  /** Uses it, and returns whether the run may begin: not if it was used before, or lost with its connection. */
  use(): boolean;
  /** Gives it back if no run has used it. */
  release(): void;
}

/** Those who wait for a permit, in their order. */
export class Waiters {
  readonly #callbacks = new Set<() => void>();

  get size(): number {
    return this.#callbacks.size;
  }

  add(callback: () => void): void {
    this.#callbacks.add(callback);
  }

  delete(callback: () => void): void {
    this.#callbacks.delete(callback);
  }

  /** Calls those who wait, one after the other, while `ready` holds. Who still waits then adds itself again. */
  call(ready: () => boolean): void {
    for (const callback of [...this.#callbacks]) {
      if (!ready()) return;
      if (this.#callbacks.delete(callback)) callback();
    }
  }
}
