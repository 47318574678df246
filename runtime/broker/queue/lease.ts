import { now } from "./clock.ts";
import { Timer } from "./timer.ts";

/** Ends a queue that nobody has used for the time of its `x-expires`. A queue without one never ends by itself. */
export class Lease {
  readonly #timer = new Timer(() => this.#check());
  #lastUse = 0;
  #isClosed = false;

  /**
   * @param ms how long the queue may go unused; undefined for any time
   * @param isInUse whether it has consumers: then its time has not begun
   * @param expired ends the queue
   */
  constructor(
    readonly ms: number | undefined,
    readonly isInUse: () => boolean,
    readonly expired: () => void,
  ) {
    this.renew();
  }

  /** The queue was used: its time begins anew. */
  renew(): void {
    if (this.ms === undefined || this.#isClosed) return;
    this.#lastUse = now();
    this.#timer.set(this.#lastUse + this.ms);
  }

  /** Nothing renews it any more. */
  close(): void {
    this.#isClosed = true;
    this.#timer.clear();
  }

  #check(): void {
    if (this.isInUse()) return this.renew();
    const due = this.#lastUse + this.ms!;
    if (now() >= due) this.expired();
    else this.#timer.set(due);
  }
}
