import type { FunctionStats } from "../api/views.ts";

/** How many seconds are remembered. */
const seconds = 60;

/** The rate is that of so many seconds before the current one. */
const rateSeconds = 10;

/** The upper ends of the classes that durations fall into, in milliseconds: each is a fifth above the one before. */
const classes: readonly number[] = Array.from({ length: 80 }, (_, n) => 1.2 ** n);

interface Second {
  /** Which second it is, since 1970. */
  at: number;
  ended: number;
  failed: number;
  /** How many runs fell into each class of durations; the last is for all that took longer. */
  readonly durations: Uint32Array;
}

/** How one function's runs of the last minute went. It takes the same memory however many there are. */
export class RunStats {
  readonly #seconds: Second[] = Array.from({ length: seconds }, () => ({
    at: 0,
    ended: 0,
    failed: 0,
    durations: new Uint32Array(classes.length + 1),
  }));
  readonly #total = { handled: 0, failed: 0, retried: 0, dead: 0 };

  /** A run has ended after `ms` milliseconds. */
  ended(ms: number, failed: boolean, now: number): void {
    const second = this.#second(Math.floor(now / 1000));
    second.ended++;
    if (failed) second.failed++;
    second.durations[classOf(ms)]!++;
    this.#total[failed ? "failed" : "handled"]++;
  }

  /** A message will be tried again, or is a dead letter now. */
  became(what: "retried" | "dead"): void {
    this.#total[what]++;
  }

  /** What a person sees of it. */
  view(now: number): FunctionStats {
    const current = Math.floor(now / 1000);
    const last = Array.from({ length: seconds }, (_, index) => this.#known(current - seconds + 1 + index));
    const ended = last.map((second) => second?.ended ?? 0);
    const failed = last.map((second) => second?.failed ?? 0);
    const all = sum(ended);
    const recent = ended.slice(-rateSeconds - 1, -1);
    return {
      rate: sum(recent) / rateSeconds,
      ...all === 0 ? {} : {
        p50: percentile(last, all * 0.5),
        p95: percentile(last, all * 0.95),
        failing: sum(failed) / all,
      },
      seconds: ended,
      failedSeconds: failed,
      total: { ...this.#total },
    };
  }

  #known(at: number): Second | undefined {
    const second = this.#seconds[at % seconds]!;
    return second.at === at ? second : undefined;
  }

  #second(at: number): Second {
    const second = this.#seconds[at % seconds]!;
    if (second.at !== at) {
      second.at = at;
      second.ended = 0;
      second.failed = 0;
      second.durations.fill(0);
    }
    return second;
  }
}

function classOf(ms: number): number {
  if (ms <= 1) return 0;
  return Math.min(classes.length, Math.ceil(Math.log(ms) / Math.log(1.2)));
}

/** The upper end of the class that run number `rank` falls into, in milliseconds. */
function percentile(last: readonly (Second | undefined)[], rank: number): number {
  let count = 0;
  for (let index = 0; index <= classes.length; index++) {
    for (const second of last) count += second?.durations[index] ?? 0;
    if (count >= rank) return Math.round(classes[Math.min(index, classes.length - 1)]! * 10) / 10;
  }
  return 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
