import { passesOthers } from "../../core/ports/quorum_priorities.ts";

/** A queue in which every message waits equally long. */
export interface Wait {
  /** How it is called, such as `8m`; its queue is `hopper.delay.8m`. */
  readonly name: string;
  readonly ms: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The shortest wait, in milliseconds. A delay is rounded up to a multiple of it. */
export const tick = 20;

/** The longest delay, in milliseconds: a year. */
export const maxDelay: number = 366 * day;

// RabbitMQ's `x-message-ttl` is at most 49 days, and no message may pass a queue twice.
const longest: readonly Wait[] = Array.from({ length: 11 }, (_, i) => ({
  name: i === 0 ? "32d" : `32d-${i + 1}`,
  ms: 32 * day,
}));

// With one, two and three of each power of four a delay needs half as many waits as with powers of two, and each takes
// the broker some milliseconds.
const counts = [48, 32, 16, 12, 8, 4, 3, 2, 1];

/**
 * All waits, the longest first. Every delay is a sum of some of them, each at most once. Usual delays need few, and
 * operators can read the names: 10 minutes are 8 and 2.
 */
export const waits: readonly Wait[] = [
  ...longest,
  ...unit("d", day, 31),
  ...unit("h", hour, 23),
  ...unit("m", minute, 59),
  ...unit("s", second, 59),
  ...counts.map((count) => ({ name: `${count * tick}ms`, ms: count * tick })),
];

function unit(letter: string, ms: number, most: number): Wait[] {
  return counts.filter((count) => count <= most).map((count) => ({
    name: `${count}${letter}`,
    ms: count * ms,
  }));
}

/** The waits that together last `ms` milliseconds, rounded up to the next tick; the longest first. */
export function waitsOf(ms: number): Wait[] {
  let left = Math.ceil(ms / tick) * tick;
  return waits.filter((wait) => {
    if (wait.ms > left) return false;
    left -= wait.ms;
    return true;
  });
}

const handOvers = 8;

/**
 * The queue behind all waits, which hands messages over to their destinations. It waits for each destination to take its
 * messages, so there are several: one that refuses messages does not hold up the waits, and few other destinations.
 */
export function handOverTo(destination: string): Wait {
  let hash = 0;
  for (const byte of new TextEncoder().encode(destination)) hash = (hash * 31 + byte) % 65_521;
  return { name: `out-${hash % handOvers}`, ms: 0 };
}

/** The queues of the way of a message. Those that pass others have their own. */
export function pathOf(ms: number, destination: string, priority?: number): Wait[] {
  const path = [...waitsOf(ms), handOverTo(destination)];
  return passesOthers(priority) ? path.map((wait) => ({ ...wait, name: `${wait.name}-high` })) : path;
}
