/** An operator's switch: while it is on, a function takes no messages. It is the same for all its versions. */
export class Hold {
  #on = false;
  #turn = Promise.withResolvers<void>();

  /** Whether the function takes no messages. */
  get on(): boolean {
    return this.#on;
  }

  /** Resolves when it is switched, and at once while it is on. */
  get turned(): Promise<void> {
    return this.#on ? Promise.resolve() : this.#turn.promise;
  }

  /** Resolves when it is off, or when the signal aborts. */
  async off(signal: AbortSignal): Promise<void> {
    const stopped = Promise.withResolvers<void>();
    const stop = () => stopped.resolve();
    signal.addEventListener("abort", stop);
    while (this.#on && !signal.aborted) await Promise.race([this.#turn.promise, stopped.promise]);
    signal.removeEventListener("abort", stop);
  }

  /** Returns whether that changed anything. */
  set(on: boolean): boolean {
    if (on === this.#on) return false;
    this.#on = on;
    const { resolve } = this.#turn;
    this.#turn = Promise.withResolvers();
    resolve();
    return true;
  }
}
