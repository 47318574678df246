import { backoffDelay } from "../core/backoff.ts";
import type { Resolved } from "../core/settings/settings.ts";

/** What a change means for whoever feeds the function. */
export type BreakerState =
  | { readonly kind: "running" }
  /** Nothing is run for `probeMs` milliseconds; then one message is tried. */
  | { readonly kind: "paused"; readonly probeMs: number; readonly failures: number };

/**
 * Decides when a function pauses: when nearly all of its latest runs failed, so that what it depends on is down and
 * running more messages would only dead-letter them. It then probes with one message at growing intervals.
 */
export class CircuitBreaker {
  readonly #settings: Resolved["pause"];
  /** The latest runs, oldest first. */
  #latest: { readonly at: number; readonly failed: boolean }[] = [];
  #state: BreakerState = { kind: "running" };
  #probes = 0;
  #probing = false;
  #turn = Promise.withResolvers<void>();

  constructor(settings: Resolved["pause"]) {
    this.#settings = settings;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether only probes are run. */
  get paused(): boolean {
    return this.#state.kind === "paused";
  }

  /** Resolves at the next change of the state. */
  get turned(): Promise<void> {
    return this.#turn.promise;
  }

  /** Nothing can be run for now, whatever the message: the function pauses, unless its settings forbid it. */
  trip(): void {
    if (!this.paused || this.#probing) this.#pause();
  }

  /** A paused function is given a message to try: how its next run ends decides. */
  probe(): void {
    this.#probing = this.paused;
  }

  /** A run has ended. One that began before the pause says nothing new. */
  record(failed: boolean, now: number = performance.now()): void {
    if (this.#settings === false) return;
    if (this.paused && !this.#probing) return;
    if (this.paused) return failed ? this.#pause() : this.#resume();
    const { of: last, failures, within } = this.#settings;
    // Only runs since the first failure can be among the failing ones.
    if (!failed && this.#latest.length === 0) return;
    this.#latest.push({ at: now, failed });
    this.#latest = this.#latest.slice(-last).filter(({ at }) => at > now - within);
    if (this.#latest.filter((run) => run.failed).length >= failures) this.#pause();
  }

  #pause(): void {
    if (this.#settings === false) return;
    const { probe, most, failures } = this.#settings;
    const probeMs = backoffDelay(++this.#probes, { first: probe, max: most });
    this.#change({ kind: "paused", probeMs, failures });
  }

  #resume(): void {
    this.#latest = [];
    this.#probes = 0;
    this.#change({ kind: "running" });
  }

  #change(state: BreakerState): void {
    this.#state = state;
    this.#probing = false;
    const { resolve } = this.#turn;
    this.#turn = Promise.withResolvers();
    resolve();
  }
}
