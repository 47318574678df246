/** What a run of the bench found, as `--json` writes it. */

import type { Broker, Case } from "../cases.ts";
import { base, type Contender } from "../contenders.ts";
import type { CpuPerMessage } from "../cpu.ts";
import { median, ratios, type Spread, spread } from "../figures.ts";
import type { Sample } from "../measure.ts";

/** Where and when it ran. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly deno: string;
  readonly node?: string;
  readonly rabbitmq?: string;
}

/** What one contender did in a case. */
export interface Entry {
  readonly contender: string;
  readonly title: string;
  readonly isFramework: boolean;
  /** Messages or calls a second. */
  readonly rate: Spread;
  /** To hand-written amqplib on Deno, round by round. */
  readonly ratio: Spread;
  /** Microseconds of processor time a message, by median. */
  readonly cpu?: CpuPerMessage;
  /** Milliseconds of a call. */
  readonly p50?: number;
  readonly p99?: number;
  readonly goal?: number;
  /** The most microseconds a message in the runtime. */
  readonly micros?: number;
}

export interface Result {
  readonly case: string;
  readonly title: string;
  readonly broker: Broker;
  readonly rounds: number;
  readonly entries: readonly Entry[];
  readonly failed: readonly { readonly contender: string; readonly error: string }[];
  readonly aheadOfFrameworks: boolean;
}

/** A table of another bench. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Report {
  readonly machine: Machine;
  readonly results: readonly Result[];
  readonly tables: readonly Table[];
}

/** The samples of a contender, round by round. */
export interface Samples {
  readonly contender: Contender;
  readonly samples: readonly Sample[];
}

/** Sums up a case. The base is one of the contenders. */
export function resultOf(
  one: Case,
  broker: Broker,
  all: readonly Samples[],
  failed: Result["failed"] = [],
): Result {
  const rates = (samples: readonly Sample[]) => samples.map(({ rate }) => rate);
  const bases = rates(all.find(({ contender }) => contender.id === base)!.samples);
  const entries = all.map(({ contender: { id, title, isFramework = false }, samples }): Entry => ({
    contender: id,
    title,
    isFramework,
    rate: spread(rates(samples)),
    ratio: spread(ratios(rates(samples), bases)),
    cpu: cpuOf(samples),
    ...samples[0]?.p50 === undefined ? {} : {
      p50: median(samples.map(({ p50 }) => p50!)),
      p99: median(samples.map(({ p99 }) => p99!)),
    },
    goal: one.goals[broker][id as keyof typeof one.goals[Broker]],
    micros: id === "hopper" ? one.runtimeMicros?.[broker] : undefined,
  }));
  return {
    case: one.id,
    title: one.title,
    broker,
    rounds: bases.length,
    entries,
    failed,
    aheadOfFrameworks: one.aheadOfFrameworks ?? false,
  };
}

function cpuOf(samples: readonly Sample[]): CpuPerMessage | undefined {
  const all = samples.flatMap(({ cpu }) => cpu ?? []);
  if (all.length === 0) return undefined;
  const middle = (part: keyof CpuPerMessage) => median(all.map((cpu) => cpu[part]));
  return { client: middle("client"), functions: middle("functions"), broker: middle("broker") };
}

/** What is said of the goals of an entry: whether each is met. */
export function goalsOf(entry: Entry, { entries, aheadOfFrameworks }: Result): string[] {
  const { goal, micros, ratio, cpu } = entry;
  const said: string[] = [];
  if (goal !== undefined) said.push(`≥ ${goal}: ${met(ratio.median >= goal)}`);
  if (micros !== undefined && cpu) said.push(`runtime ≤ ${micros} µs: ${met(cpu.client <= micros)}`);
  const frameworks = entries.filter(({ isFramework }) => isFramework);
  if (goal !== undefined && aheadOfFrameworks && frameworks.length > 0) {
    const first = frameworks.toSorted((a, b) => b.ratio.median - a.ratio.median)[0]!;
    said.push(`ahead of ${first.title}: ${met(ratio.median > first.ratio.median)}`);
  }
  return said;
}

const met = (is: boolean) => is ? "met" : "not met";
