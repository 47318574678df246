/** `deno task bench`: measurements that take minutes; `deno task bench --help` tells what there is. */

import { CommanderError } from "commander";
import { interruptions } from "../support/test_run.ts";
import { type BenchArguments, type Compared, compared, type Other, parseArguments } from "./args.ts";
import { brokersHere, startBroker } from "./brokers.ts";
import { type Case, chosenCases } from "./cases.ts";
import { type Contender, takingPart } from "./contenders.ts";
import { guard } from "./guard.ts";
import { install } from "./install.ts";
import { thisMachine } from "./machine.ts";
import { runOther } from "./other.ts";
import { writeDocs } from "./report/docs.ts";
import { describe, resultTable } from "./report/markdown.ts";
import type { Report, Result, Table } from "./report/result.ts";
import { writeFiles } from "./report/write.ts";
import { Rounds } from "./rounds.ts";

const LENGTHS = { counts: 1, warmMs: 3_000, ms: 3_000 };
const ROUNDS = 5;

const progress = (line: string) => console.error(line);

async function run(args: BenchArguments): Promise<number> {
  using interruption = interruptions();
  const { signal } = interruption;
  if (args.docs !== undefined) return await writeDocs(args.docs);
  if (args.quick) return await guard(args, progress, signal);
  const machine = await thisMachine();
  console.log(describe(machine));
  const { results, rabbitmq } = await compareAll(args, signal);
  const tables: Table[] = [];
  for (const name of args.benches) {
    if (isCompared(name)) continue;
    tables.push(...await runOther(name, name === "steady" ? args.messages : args.rounds));
  }
  const report: Report = { machine: { ...machine, rabbitmq }, results, tables };
  await writeFiles(report, args);
  return results.some(({ failed }) => failed.length > 0) ? 1 : 0;
}

/** Runs the cases of these benches on one broker after the other. */
async function compareAll(
  { benches, cases: prefixes, broker, only, rounds = ROUNDS }: BenchArguments,
  signal: AbortSignal,
) {
  const chosen = chosenCases(prefixes).filter(({ bench }) => benches.includes(bench));
  const results: Result[] = [];
  let rabbitmq: string | undefined;
  if (chosen.length === 0) return { results, rabbitmq };
  const brokers = brokersHere().filter((kind) => broker === undefined || kind === broker);
  const pairs = brokers.map((kind) => ({ kind, of: (one: Case) => takingPart(one, kind, only) }));
  const wanted: Contender[] = pairs.flatMap(({ of }) => chosen.flatMap(of));
  const { installed, leftOut } = await install(wanted, progress);
  for (const { kind, of } of pairs) {
    await using node = await startBroker(kind);
    if (kind === "RabbitMQ") rabbitmq = node.version;
    for (const one of chosen) {
      const taking = of(one).filter(({ id }) => !leftOut.includes(id));
      const turns = new Rounds(one, node, taking, { lengths: LENGTHS, installed, progress, signal });
      for (let round = 0; round < rounds; round++) await turns.next();
      const { result } = turns;
      console.log(`\n${resultTable(result)}`);
      results.push(result);
    }
  }
  return { results, rabbitmq };
}

function isCompared(name: Compared | Other): name is Compared {
  return compared.includes(name as Compared);
}

if (import.meta.main) {
  try {
    Deno.exitCode = await run(parseArguments(Deno.args));
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      console.error(`bench: ${(error as Error).message}`);
      Deno.exitCode = 1;
    } else Deno.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}
