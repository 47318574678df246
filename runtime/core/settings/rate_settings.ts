import * as z from "zod";
import { duration } from "./duration_setting.ts";
import { whole } from "./whole_setting.ts";

/** A function's rate, complete. */
export interface Rate {
  readonly limit: number;
  /** Milliseconds. */
  readonly per: number;
  readonly burst: number;
  readonly scope: "process" | "cluster";
}

// A cluster keeps a message at the broker for each run of a burst.
const max = { limit: 100_000, burst: 10_000 };

/** What a burst is worth if nobody says, in milliseconds. In a cluster tokens need some milliseconds for each round. */
const burstMs = { process: 100, cluster: 1000 };

/** The fields of the setting `rate`. */
export const rateFields = z.strictObject({
  limit: whole(max.limit),
  per: duration(1).default(1000),
  burst: whole(max.burst).optional(),
  scope: z.enum(["process", "cluster"], 'Expected "process" or "cluster"').default("process"),
});

/** The setting `rate`: how many runs may begin in a time. */
export const rateSchema = rateFields.transform(({ limit, per, burst, scope }): Rate => ({
  limit,
  per,
  burst: burst ?? Math.min(max.burst, Math.max(1, Math.ceil(limit * burstMs[scope] / per))),
  scope,
}));

/** How long a token of a rate is away after its use, in milliseconds, if `burst` tokens go round. */
export function roundMs({ limit, per, burst }: Rate): number {
  return Math.ceil(burst * per / limit);
}

/** `100/1s`, as people read it. */
export function describeRate({ limit, per, burst, scope }: Rate): string {
  const of = scope === "cluster" ? ", all runtimes together" : "";
  return `${limit} per ${shortTime(per)}, ${burst} at once${of}`;
}

const units = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]] as const;

function shortTime(ms: number): string {
  const [name, unit] = units.find(([, unit]) => ms % unit === 0)!;
  return `${ms / unit}${name}`;
}
