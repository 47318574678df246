import type { Rate } from "../../core/settings/rate_settings.ts";
import { type Bucket, changed, filled, hasToken, msUntilToken } from "./bucket.ts";
import { type Pace, type Permit, Waiters } from "./pace.ts";

/** The rate of one runtime: a bucket of tokens, and a timer while somebody waits for the next one. */
export class TimedPace implements Pace {
  readonly #now: () => number;
  readonly #waiters = new Waiters();
  #rate: Rate;
  #bucket: Bucket;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The bucket is full at first. */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    this.#bucket = { tokens: rate.burst, at: now() };
  }

  /** From now on another rate holds. It begins with the tokens that are left, so that a change gives no second burst. */
  change(rate: Rate): void {
    this.#bucket = filled(filled(this.#bucket, this.#rate, this.#now()), rate, this.#now());
    this.#rate = rate;
    if (this.#timer === undefined) return;
    this.#stop();
    this.#wait();
  }

  get ready(): boolean {
    this.#bucket = filled(this.#bucket, this.#rate, this.#now());
    return hasToken(this.#bucket);
  }

  take(): Permit | undefined {
    if (!this.ready) return undefined;
    this.#bucket = changed(this.#bucket, -1, this.#rate);
    let open = true;
    const close = () => {
      const was = open;
      open = false;
      return was;
    };
    return { use: close, release: () => void (close() && this.#putBack()) };
  }

  wake(callback: () => void): void {
    this.#waiters.add(callback);
    this.#wait();
  }

  forget(callback: () => void): void {
    this.#waiters.delete(callback);
    if (this.#waiters.size === 0) this.#stop();
  }

  close(): void {
    this.#stop();
  }

  #putBack(): void {
    this.#bucket = changed(filled(this.#bucket, this.#rate, this.#now()), 1, this.#rate);
    if (this.#waiters.size === 0) return;
    this.#stop();
    this.#wait();
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#waiters.call(() => this.ready);
      if (this.#waiters.size > 0) this.#wait();
    }, this.ready ? 0 : Math.ceil(msUntilToken(this.#bucket, this.#rate)));
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
