import type { Duration } from "./duration.ts";

/** How many runs may begin in a time. What is over it waits in the queue. */
export interface RateOptions {
  /** How many runs may begin within `per`, 1 to 100000. */
  readonly limit: number;
  /** The time in which so many runs may begin. @default "1s" */
  readonly per?: Duration;
  /**
   * How many runs may begin at once after a quiet time, 1 to 10000. @default what the limit allows in a tenth of a second,
   * for a cluster in one second, and at least 1
   */
  readonly burst?: number;
  /**
   * What the rate counts for: each runtime by itself (`process`), or all runtimes at the same broker together
   * (`cluster`). @default "process"
   */
  readonly scope?: "process" | "cluster";
}
