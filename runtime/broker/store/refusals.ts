import { DiskTrouble } from "../errors.ts";

/** How often it is reported that the disk still takes nothing. */
const reportMs = 60_000;

/** Reports what the disk does not take, where and why: at once, and then once a minute for as long as it lasts. */
export class Refusals {
  #saidAt: number | undefined;

  constructor(
    readonly path: string,
    readonly report: (error: DiskTrouble) => void,
    readonly now: () => number = performance.now.bind(performance),
  ) {}

  /**
   * The disk did not take something.
   *
   * @param what as `3 new messages, 1 deletion`
   * @param cause the error of SQLite
   * @param then what happens to it now
   */
  refused(what: string, cause: unknown, then: string): void {
    if (this.#saidAt !== undefined && this.now() - this.#saidAt < reportMs) return;
    this.#saidAt = this.now();
    this.report(
      new DiskTrouble(`The disk does not take ${what} ('${this.path}': ${reasonOf(cause)}); ${then}`),
    );
  }

  /** The disk took everything; reported only where it did not before. */
  taken(): void {
    if (this.#saidAt === undefined) return;
    this.#saidAt = undefined;
    this.report(new DiskTrouble(`The disk takes everything again ('${this.path}')`));
  }
}

/** What is wrong in the words of SQLite: `database or disk is full`. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
