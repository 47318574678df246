import { Refused } from "../http/refused.ts";

/** Counts the requests that are under way, and refuses those beyond a limit. */
export class Slots {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Throws a refusal if there is no room for one more. */
  check(): void {
    if (this.#used < this.#most) return;
    throw new Refused(
      429,
      "TOO_MANY_REQUESTS",
      `${this.#most} requests are under way already; try again soon`,
    );
  }

  /** Does work if there is room for it. It counts until it ends, even if nobody waits for it any more. */
  use<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    this.#used++;
    const working = work();
    const free = () => void this.#used--;
    working.then(free, free);
    return working;
  }
}
