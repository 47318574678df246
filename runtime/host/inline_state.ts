import { describeError } from "../core/api/errors.ts";
import { SetupFailed } from "../core/ports/run_errors.ts";
import { disposeOf, notDisposed, type Setup, setUp, type SetupParts } from "./execute/state.ts";

/** The state of a function that runs inside the runtime: made once for its version, before the first run. */
export class InlineState {
  readonly #setup: Setup;
  readonly #parts: SetupParts;
  readonly #closing = new AbortController();
  readonly #users = new Set<Promise<unknown>>();
  #making: Promise<void> | undefined;
  /** Whether it is made, and not disposed of. */
  isMade = false;
  /** What the setup returned. */
  value: unknown;

  constructor(setup: Setup, parts: SetupParts) {
    this.#setup = setup;
    this.#parts = parts;
  }

  /** Makes it, unless it is made: once, however many ask. Rejects with `SetupFailed`. */
  make(): Promise<void> {
    if (this.isMade) return Promise.resolve();
    return this.#making ??= this.#make().finally(() => this.#making = undefined);
  }

  /** Does work that needs it. Rejects with `SetupFailed`. */
  use<T>(work: () => T | Promise<T>): Promise<T> {
    const used = this.make().then(work);
    this.#users.add(used);
    const done = () => this.#users.delete(used);
    used.then(done, done);
    return used;
  }

  /** Disposes of it when nothing uses it any more; a setup under way is told to end. Never rejects. */
  async close(): Promise<void> {
    if (!this.isMade) this.#closing.abort();
    while (this.#users.size > 0) await Promise.allSettled(this.#users);
    this.#closing.abort();
    await this.#making?.catch(() => {});
    if (!this.isMade) return;
    this.isMade = false;
    await disposeOf(this.value).catch((error) => this.#parts.log.error(notDisposed(describeError(error))));
  }

  async #make(): Promise<void> {
    const { signal } = this.#closing;
    try {
      signal.throwIfAborted();
      this.value = await setUp(this.#setup, { ...this.#parts, stop: signal });
      this.isMade = true;
    } catch (error) {
      throw new SetupFailed(error);
    }
  }
}
