/**
 * Milliseconds since the process began, on a clock that nobody can set. All times in memory are on this clock. Times on
 * the disk are on the wall clock, as another process has to understand them.
 */
export const now = (): number => performance.now();

/** A time of this clock on the wall clock, in milliseconds since 1970. */
export function toWallClock(time: number): number {
  return Math.round(Date.now() + time - now());
}

/**
 * A time of the wall clock on this clock, at most `longest` milliseconds from now: where the wall clock was wrong,
 * nothing has to wait for the difference.
 */
export function fromWallClock(wall: number, longest: number): number {
  return now() + Math.min(Math.max(wall - Date.now(), 0), longest);
}

/** A past time of the wall clock on this clock. It may be before this process began, and so be negative. */
export function pastFromWallClock(wall: number): number {
  return now() - Math.max(Date.now() - wall, 0);
}
