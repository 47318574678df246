import { describeError } from "../core/api/errors.ts";
import { type Backoff, backoffDelay, pause } from "../core/backoff.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import { StoreDown } from "../core/ports/id_server.ts";
import type { Resolved } from "../core/settings/settings.ts";

/** What is needed to know whether a function's messages can be run. */
export interface AvailabilityParts {
  readonly function: string;
  readonly settings: Resolved;
  readonly host: Pick<Host, "live" | "prepare">;
  readonly emit: Emit;
}

// The waits of a function that never pauses.
const usual: Backoff = { first: 1_000, max: 60_000 };

// A store that is away is looked for more often, as that costs it little; and is spoken of less often.
const storeRetryMs = 2_000;
const saysEvery = 30;

/**
 * Whether a function's messages can be run: whether its process starts, its setup works, and its store of handled ids is
 * there, if it shares one. When one of them failed, they are tried again after growing waits until they work, whether
 * there are messages or not.
 */
export class Availability {
  readonly #parts: AvailabilityParts;
  readonly #backoff: Backoff;
  readonly #closing = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #error: { readonly is: unknown } | undefined;
  #turn = Promise.withResolvers<void>();
  #recovering: Promise<void> = Promise.resolve();

  constructor(parts: AvailabilityParts) {
    const { pause } = parts.settings;
    this.#parts = parts;
    this.#backoff = pause === false ? usual : { first: pause.probe, max: pause.most };
  }

  /** Whether all that a message needs is there already. */
  get live(): boolean {
    return this.#error === undefined && this.#parts.host.live;
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

  /**
   * Starts what the first message would otherwise wait for. If that fails, rejects, and it is tried again later. Closing
   * ends the wait.
   */
  async prepare(): Promise<void> {
    if (this.#error) throw this.#error.is;
    try {
      await this.#start();
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

  /** Starts what is missing, and resolves when messages can be run. `false`: it was closed before that. */
  async ready(): Promise<boolean> {
    const { signal } = this.#closing;
    while (!this.live && !signal.aborted) {
      if (this.#error) await this.#recovering;
      else if (await this.prepare().then(() => true, () => false)) break;
    }
    return this.live || !signal.aborted;
  }

  /** Tries no more. */
  close(): void {
    this.#closing.abort();
    this.#closed.resolve();
    this.#tellTurn();
  }

  async #recover(): Promise<void> {
    const { function: name, emit } = this.#parts;
    const { signal } = this.#closing;
    for (let tries = 1; !signal.aborted; tries++) {
      const isStore = this.error instanceof StoreDown;
      const retryMs = Math.min(backoffDelay(tries, this.#backoff), isStore ? storeRetryMs : Infinity);
      const says = !isStore || tries % saysEvery === 1;
      if (says) emit({ event: "unavailable", function: name, error: this.trouble!, retryMs });
      if (!await pause(retryMs, signal)) return;
      try {
        await this.#start();
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

  async #start(): Promise<void> {
    await Promise.race([this.#parts.host.prepare(), this.#closed.promise]);
  }

  #tellTurn(): void {
    const { resolve } = this.#turn;
    this.#turn = Promise.withResolvers();
    resolve();
  }
}
