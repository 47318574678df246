import { backoffDelay } from "../core/backoff.ts";
import type { Resolved } from "../core/settings/settings.ts";

/** Whether the function's consumer may take messages. */
export type BreakerState =
  | { readonly kind: "running" }
  /** Nothing runs for `probeMs` milliseconds; then one message is tried. */
  | { readonly kind: "paused"; readonly probeMs: number; readonly failures: number };

/**
 * Decides when a function pauses: when nearly all of its latest runs failed. Then a service that it depends on is probably
 * down, and running more messages would only move them to the dead letters. It then tries one message (a probe) after
 * growing intervals.
 */
export class CircuitBreaker {
  readonly #settings: Resolved["pause"];
  /** The latest runs, the oldest first. */
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

  /** A paused function gets one message. The end of its next run decides whether it resumes. */
  probe(): void {
    this.#probing = this.paused;
  }

  /** A run has ended. A run that began before the pause does not count. */
  record(failed: boolean, now?: number): void {
    if (this.#settings === false) return;
    if (this.paused && !this.#probing) return;
    if (this.paused) return failed ? this.#pause() : this.#resume();
    const { of: last, failures, within } = this.#settings;
    // Successful runs before the first failure need not be remembered.
    if (!failed && this.#latest.length === 0) return;
    const at = now ?? performance.now();
    const latest = [...this.#latest, { at, failed }].slice(-last).filter((run) => run.at > at - within);
    const first = latest.findIndex((run) => run.failed);
    this.#latest = first === -1 ? [] : latest.slice(first);
    if (latest.filter((run) => run.failed).length >= failures) this.#pause();
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
