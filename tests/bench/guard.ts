/**
 * The guard, `deno task bench --quick`: a short run of the most important cases, whose ratios to amqplib by hand are compared
 * with recorded ones. It fails when one has fallen by more than a third, twice.
 */

import type { BenchArguments } from "./args.ts";
import { brokersHere, startBroker } from "./brokers.ts";
import { type Case, cases } from "./cases.ts";
import { needsPackages, takingPart } from "./contenders.ts";
import { thisMachine } from "./machine.ts";
import type { BrokerUnderTest } from "./measure.ts";
import { compare, type Compared, ratiosOf, readRecorded, record, replaced } from "./recorded.ts";
import { describe } from "./report/markdown.ts";
import { writeFiles } from "./report/write.ts";
import { Rounds } from "./rounds.ts";

const LENGTHS = { counts: 0.4, warmMs: 300, ms: 700 };
/** No further round begins that would end later than this. */
const BUDGET_MS = 75_000;
const ROUNDS = { least: 2, most: 3 };

export async function guard(
  args: BenchArguments,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const recorded = await readRecorded();
  await using brokers = await startAll(args);
  const rabbitmq = brokers.all.find(({ kind }) => kind === "RabbitMQ")?.version;
  const machine = { ...await thisMachine(), rabbitmq };
  console.log(describe(machine));
  const options = { lengths: LENGTHS, installed: {}, progress, signal };
  const only = args.only ?? ["hopper", "hopper-inline", "hopper-client"];
  const chosen = cases.filter(({ quick, bench }) =>
    quick && (args.benches.length === 0 || args.benches.includes(bench))
  );
  // It installs and compiles nothing.
  const taking = (one: Case, broker: BrokerUnderTest) =>
    takingPart(one, broker.kind, only).filter((contender) =>
      !needsPackages(contender) && contender.platform !== "c"
    );
  const all = chosen.flatMap((one) =>
    brokers.all.map((broker) => new Rounds(one, broker, taking(one, broker), options))
  );
  await rounds(all, args.rounds === undefined ? ROUNDS : { least: args.rounds, most: args.rounds });
  const results = () => all.map(({ result }) => result);
  await writeFiles({ machine, results: results(), tables: [] }, args);
  let measured = ratiosOf(results());
  if (args.record) {
    await record({ machine, ratios: measured });
    console.log(`${table(compare(measured, []))}\n\nRecorded in tests/bench/recorded.json`);
    return failures(results());
  }
  const suspects = compare(measured, recorded?.ratios ?? []).filter(({ hasFallen }) => hasFallen);
  if (suspects.length > 0) {
    progress("A ratio has fallen by more than a third: its case is measured once more before this counts");
    const again = all.filter((one) =>
      suspects.some((suspect) => suspect.case === one.case.id && suspect.broker === one.broker)
    );
    const anew = again.map((one) => one.anew());
    await rounds(anew, { least: ROUNDS.most, most: ROUNDS.most });
    measured = replaced(measured, ratiosOf(anew.map(({ result }) => result)));
  }
  return conclude(
    compare(measured, recorded?.ratios ?? []),
    failures(results()),
    recorded && describe(recorded.machine),
  );
}

/** Says what was found. Its last line has the totals, as those of tests have. */
function conclude(compared: readonly Compared[], failed: number, recordedOn: string | undefined): number {
  console.log(`\n${table(compared)}\n`);
  const fallen = compared.filter(({ hasFallen }) => hasFallen);
  if (recordedOn === undefined) {
    console.log(
      "Nothing is recorded yet, so that nothing can have fallen; on a quiet machine, run: deno task bench --record",
    );
  } else {
    console.log(`Recorded: ${recordedOn}`);
    const both = fallen.map(({ case: id, broker, contender }) => `${id} of ${contender} on ${broker}`);
    if (both.length > 0) console.log(`Fallen by more than a third, twice: ${both.join(", ")}`);
  }
  console.log(`\n${compared.length - fallen.length} passed, ${fallen.length + failed} failed`);
  return fallen.length + failed > 0 ? 1 : 0;
}

/** All cases take turns, so that a slow moment of the machine meets all of them. */
async function rounds(all: readonly Rounds[], { least, most }: typeof ROUNDS): Promise<void> {
  const from = performance.now();
  let longest = 0;
  for (let round = 1; round <= most; round++) {
    const began = performance.now();
    if (round > least && began - from + longest > BUDGET_MS) return;
    for (const one of all) await one.next();
    longest = Math.max(longest, performance.now() - began);
  }
}

async function startAll({ broker }: BenchArguments) {
  const started: (BrokerUnderTest & AsyncDisposable)[] = [];
  for (const kind of brokersHere()) {
    if (broker === undefined || broker === kind) started.push(await startBroker(kind));
  }
  return {
    all: started,
    async [Symbol.asyncDispose]() {
      for (const one of started) await one[Symbol.asyncDispose]();
    },
  };
}

function failures(
  results: readonly { readonly failed: readonly { contender: string; error: string }[] }[],
): number {
  const failed = results.flatMap(({ failed }) => failed);
  for (const { error } of failed) console.log(`Failed: ${error}`);
  return failed.length;
}

function table(compared: readonly Compared[]): string {
  const rows = compared.map(({ case: id, broker, contender, ratio, recorded, hasFallen }) =>
    `| ${id}, ${broker} | ${contender} | ${ratio.toFixed(2)} | ${recorded?.toFixed(2) ?? "–"} | ${
      hasFallen ? "fallen" : ""
    } |`
  );
  return ["| case | contender | ratio now | recorded | |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}
