/**
 * Times in memory are on a clock that nobody sets, in ms since the process began; what is written to the disk is on the
 * wall clock, as it has to mean something to another process.
 */
export const now = (): number => performance.now();

/** The wall clock's ms since the epoch for a time to come. */
export function toWallClock(time: number): number {
  return Math.round(Date.now() + time - now());
}

/**
 * The time to come for the wall clock's, at most `longest` ms from now: where one of the two was wrong, nothing has to
 * wait for the difference.
 */
export function fromWallClock(wall: number, longest: number): number {
  return now() + Math.min(Math.max(wall - Date.now(), 0), longest);
}
