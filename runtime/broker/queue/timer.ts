import { now } from "./clock.ts";

/** setTimeout takes no more; a later time takes several steps. */
const maxDelayMs = 2 ** 31 - 1;

/** A timer that can be set to an earlier time, and stops with `clear`. */
export class Timer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;

  constructor(readonly ring: () => void) {}

  /** Rings at `time` on the clock of clock.ts, or earlier where an earlier call asked for that. */
  set(time: number): void {
    if (this.#due <= time) return;
    this.clear();
    this.#due = time;
    this.#timer = setTimeout(() => {
      this.clear();
      this.ring();
    }, Math.min(Math.max(Math.ceil(time - now()), 0), maxDelayMs));
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Infinity;
  }
}
