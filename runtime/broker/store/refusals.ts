import { DiskTrouble } from "../errors.ts";

/** ms between two reports of a disk that still takes nothing. */
const EVERY = 60_000;

/** Says what the disk does not take, where and why: at once, then once a minute for as long as it lasts. */
export class Refusals {
  #saidAt: number | undefined;

  constructor(
    readonly path: string,
    readonly report: (error: DiskTrouble) => void,
    readonly now: () => number = performance.now.bind(performance),
  ) {}

  /** @param what as `3 messages and 2 acknowledgements`; `then` is what becomes of it */
  refused(what: string, cause: unknown, then: string): void {
    if (this.#saidAt !== undefined && this.now() - this.#saidAt < EVERY) return;
    this.#saidAt = this.now();
    this.report(
      new DiskTrouble(`The disk does not take ${what} ('${this.path}': ${reasonOf(cause)}); ${then}`),
    );
  }

  /** The disk took everything; said only where it did not before. */
  taken(): void {
    if (this.#saidAt === undefined) return;
    this.#saidAt = undefined;
    this.report(new DiskTrouble(`The disk takes everything again ('${this.path}')`));
  }
}

/** What SQLite says is wrong: `database or disk is full`. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
