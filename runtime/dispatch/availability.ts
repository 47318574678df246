import { describeError } from "../core/api/errors.ts";
import { type Backoff, backoffDelay, pause } from "../core/backoff.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import type { Resolved } from "../core/settings/settings.ts";

/** What is needed to know whether a function's messages can be run. */
export interface AvailabilityParts {
  readonly function: string;
  readonly settings: Resolved;
  readonly host: Pick<Host, "prepare">;
  readonly emit: Emit;
}

// The waits of a function that never pauses.
const usual: Backoff = { first: 1_000, max: 60_000 };

/**
 * Whether a function's messages can be run: whether its process starts and its setup works. When one of them failed,
 * they are tried again after growing waits until they work, whether there are messages or not.
 */
export class Availability {
  readonly #parts: AvailabilityParts;
  readonly #backoff: Backoff;
  readonly #closing = new AbortController();
  #error: { readonly is: unknown } | undefined;
  #turn = Promise.withResolvers<void>();
  #recovering: Promise<void> = Promise.resolve();

  constructor(parts: AvailabilityParts) {
    const { pause } = parts.settings;
    this.#parts = parts;
    this.#backoff = pause === false ? usual : { first: pause.probe, max: pause.most };
  }

  /** Why no message can be run, as text; `undefined` while messages can be run. */
  get trouble(): string | undefined {
    if (this.#error === undefined) return undefined;
    const { is: error } = this.#error;
    return error instanceof Error ? error.message : describeError(error);
  }

  /** The error of the last try; `undefined` while messages can be run. */
  get error(): unknown {
    return this.#error?.is;
  }

  /** Resolves when messages can be run again or can no longer be run, or when it is closed. */
  get turned(): Promise<void> {
    return this.#turn.promise;
  }

  /** Starts what the first message would otherwise wait for. If that fails, rejects, and it is tried again later. */
  async prepare(): Promise<void> {
    if (this.#error) throw this.#error.is;
    try {
      await this.#parts.host.prepare();
    } catch (error) {
      this.lost(error);
      throw error;
    }
  }

  /** A message could not be run. */
  lost(error: unknown): void {
    if (this.#error) return;
    this.#error = { is: error };
    this.#tellTurn();
    this.#recovering = this.#recover();
  }

  /** Resolves when messages can be run again. `false`: it was closed before that. */
  async recovered(): Promise<boolean> {
    while (this.#error && !this.#closing.signal.aborted) await this.#recovering;
    return this.#error === undefined;
  }

  /** Tries no more. */
  close(): void {
    this.#closing.abort();
    this.#tellTurn();
  }

  async #recover(): Promise<void> {
    const { function: name, host, emit } = this.#parts;
    const { signal } = this.#closing;
    for (let tries = 1; !signal.aborted; tries++) {
      const retryMs = backoffDelay(tries, this.#backoff);
      emit({ event: "unavailable", function: name, error: this.trouble!, retryMs });
      if (!await pause(retryMs, signal)) return;
      try {
        await host.prepare();
        break;
      } catch (error) {
        this.#error = { is: error };
      }
    }
    if (signal.aborted) return;
    this.#error = undefined;
    this.#tellTurn();
    emit({ event: "available", function: name });
  }

  #tellTurn(): void {
    const { resolve } = this.#turn;
    this.#turn = Promise.withResolvers();
    resolve();
  }
}
