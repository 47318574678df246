import { describeError } from "../core/api/errors.ts";
import { backoffDelay, pause } from "../core/backoff.ts";
import { SetupFailed } from "../core/ports/run_errors.ts";
import { disposeOf, notDisposed, type Setup, setUp, type SetupParts } from "./execute/state.ts";

// As after the crashes of a process.
const backoff = { first: 100, max: 10_000 };

/** The state of a function that runs inside the runtime: made once for its version, before the first run. */
export class InlineState {
  readonly #setup: Setup;
  readonly #parts: SetupParts;
  readonly #closing = new AbortController();
  readonly #users = new Set<Promise<unknown>>();
  #making: Promise<void> | undefined;
  /** Whether it is made, and not disposed of. */
  isMade = false;
  #failures = 0;
  /** What the setup returned. */
  value: unknown;
  /** Why the last setup failed. */
  trouble: string | undefined;

  constructor(setup: Setup, parts: SetupParts) {
    this.#setup = setup;
    this.#parts = parts;
  }

  /** Makes it, unless it is made: once, however many ask. Waits first if it failed before. Rejects with `SetupFailed`. */
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
    if (this.#failures > 0) await pause(backoffDelay(this.#failures, backoff), signal);
    try {
      signal.throwIfAborted();
      this.value = await setUp(this.#setup, { ...this.#parts, stop: signal });
      this.isMade = true;
      this.#failures = 0;
      this.trouble = undefined;
    } catch (error) {
      this.#failures++;
      const failed = new SetupFailed(error);
      this.trouble = failed.message;
      throw failed;
    }
  }
}
