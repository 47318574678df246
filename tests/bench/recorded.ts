/** The ratios that were recorded on a quiet machine, and whether what is measured now has fallen. */

import type { Broker } from "./cases.ts";
import { base } from "./contenders.ts";
import type { Machine, Result } from "./report/result.ts";

/** The ratio of one contender in a case. */
export interface Ratio {
  readonly case: string;
  readonly broker: Broker;
  readonly contender: string;
  readonly ratio: number;
}

/** The file `recorded.json`. */
export interface Recorded {
  readonly machine: Machine;
  readonly ratios: readonly Ratio[];
}

/** A ratio now beside the recorded one, if there is one. */
export interface Compared extends Ratio {
  readonly recorded?: number;
  readonly hasFallen: boolean;
}

/** A ratio may fall to this share of the recorded one: single runs differ by a fifth. */
const SHARE = 2 / 3;

/** All ratios of the results but the base's, which is always 1. */
export function ratiosOf(results: readonly Result[]): Ratio[] {
  return results.flatMap(({ case: id, broker, entries }) =>
    entries.filter(({ contender }) => contender !== base)
      .map(({ contender, ratio }) => ({ case: id, broker, contender, ratio: ratio.median }))
  );
}

export function compare(measured: readonly Ratio[], recorded: readonly Ratio[]): Compared[] {
  return measured.map((one) => {
    const earlier = recorded.find((other) => isSame(one, other))?.ratio;
    return { ...one, recorded: earlier, hasFallen: earlier !== undefined && !(one.ratio >= earlier * SHARE) };
  });
}

/** Puts what was measured once more in the place of what it repeats. */
export function replaced(measured: readonly Ratio[], again: readonly Ratio[]): Ratio[] {
  return measured.map((one) => again.find((other) => isSame(one, other)) ?? one);
}

function isSame(one: Ratio, other: Ratio): boolean {
  return one.case === other.case && one.broker === other.broker && one.contender === other.contender;
}

const file = new URL("recorded.json", import.meta.url);

/** `undefined` if nothing is recorded yet. */
export async function readRecorded(): Promise<Recorded | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

export async function record(recorded: Recorded): Promise<void> {
  const ratios = recorded.ratios.map((one) => ({ ...one, ratio: Math.round(one.ratio * 100) / 100 }));
  await Deno.writeTextFile(file, `${JSON.stringify({ ...recorded, ratios }, null, 2)}\n`);
}
