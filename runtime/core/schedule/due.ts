import type { CatchUp } from "../api/schedule.ts";
import type { Recurrence } from "./recurrence.ts";

/** How many missed ticks are caught up with at most. */
export const maxCaughtUp = 1_000;

/** A tick is still run, although the next one is due as well, until that one is so late, in milliseconds. */
const behindMs = 5_000;

/** A tick that is at most so late counts as on time, in milliseconds. */
const lateMs = 60_000;

/** Ticks that are not sent, from the first to the last. Times are milliseconds since the epoch. */
export interface Skipped {
  readonly from: number;
  readonly to: number;
}

/** What is to be sent now, the oldest first, and what was missed for good. */
export interface DueTicks {
  readonly ticks: readonly number[];
  readonly skipped?: Skipped;
}

/** The ticks that are due after `last`, the time of the last one. */
export function dueTicks(recurrence: Recurrence, catchUp: CatchUp, last: number, now: number): DueTicks {
  const first = recurrence.next(last);
  if (first === undefined || first > now) return { ticks: [] };
  const ticks = worthARun(recurrence, catchUp, last, now);
  const [kept] = ticks;
  if (first === kept) return { ticks };
  const [to] = recurrence.latest(1, last, kept === undefined ? now : kept - 1);
  return { ticks, skipped: { from: first, to: to! } };
}

function worthARun(recurrence: Recurrence, catchUp: CatchUp, last: number, now: number): readonly number[] {
  if (catchUp === "all") return recurrence.latest(maxCaughtUp, last, now);
  const recent = recurrence.latest(maxCaughtUp, Math.max(last, now - lateMs - 1), now);
  const fresh = recent.filter((at) => !isStale(recurrence, catchUp, at, now));
  return fresh.length > 0 || catchUp === "skip" ? fresh : recurrence.latest(1, last, now);
}

/** Whether a tick is no longer run, because of the next one or because it is too late. */
export function isStale(recurrence: Recurrence, catchUp: CatchUp, at: number, now: number): boolean {
  if (catchUp === "all") return false;
  const next = recurrence.next(at);
  if (next !== undefined && next + behindMs <= now) return true;
  return catchUp === "skip" && at + lateMs < now;
}
