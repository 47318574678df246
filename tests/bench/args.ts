/** The arguments of `deno task bench`. */

import { Command, InvalidArgumentError } from "commander";
import { contenders } from "./contenders.ts";

/** Benches that compare contenders case by case. */
export const compared = ["consume", "rpc", "publish"] as const;
/** Benches that are programs of their own. */
export const others = ["broker", "host", "deploy", "batch", "observe", "cores", "steady"] as const;

export type Compared = typeof compared[number];
export type Other = typeof others[number];

export interface BenchArguments {
  readonly benches: readonly (Compared | Other)[];
  readonly rounds?: number;
  /** How many messages the bench of steadiness takes. */
  readonly messages?: number;
  readonly json?: string;
  readonly svg?: string;
  readonly only?: readonly string[];
  readonly cases?: readonly string[];
  readonly broker?: "RabbitMQ" | "embedded";
  readonly quick: boolean;
  readonly record: boolean;
  /** A file that `--json` wrote, whose figures go into the documentation. */
  readonly docs?: string;
}

/**
 * Reads the arguments.
 *
 * @throws CommanderError after `--help`, and for what is wrong
 */
export function parseArguments(args: readonly string[], write?: (text: string) => void): BenchArguments {
  const command = new Command("deno task bench")
    .description(
      "Measure Hopper next to hand-written amqplib and other libraries, each in a process of its own. Rates depend on the " +
        "machine and the moment; the ratios are the result.",
    )
    .argument("[bench...]", `${[...compared, ...others].join(", ")}, or all but steady`)
    .option("--rounds <n>", "how often each contender takes its turn (default: 5)", wholeNumber)
    .option(
      "--only <contenders>",
      "compare with the base only these, with commas between them",
      contenderNames,
    )
    .option(
      "--case <cases>",
      "measure only the cases with these ids, or whose ids begin so, with commas between them",
      list,
    )
    .option("--broker <name>", "rabbitmq or embedded (default: both)", brokerName)
    .option("--json <file>", "write all figures to this file")
    .option("--svg <file>", "draw the ratios into this file; into a folder, a picture for each bench")
    .option(
      "--quick",
      "the guard: a short run of what is recorded; fails if a ratio has fallen by more than a third",
    )
    .option("--record", "measure as --quick does, and record the ratios for later")
    .option(
      "--docs <file>",
      "measure nothing, and write the figures of this JSON file into docs/performance.md",
    )
    .addHelpText("after", `\nContenders: ${contenders.map(({ id }) => id).join(", ")}\n\n${examples}`)
    .exitOverride()
    .configureOutput(write ? { writeOut: write, writeErr: write } : {});
  command.parse([...args], { from: "user" });
  const { case: cases, quick = false, record = false, ...options } = command.opts();
  const benches = benchesOf(command);
  if (benches.length === 0 && !quick && !record && options.docs === undefined) command.help({ error: true });
  return { ...options, benches, cases, quick: quick || record, record };
}

const examples = `Examples:
  deno task bench consume
  deno task bench consume rpc --only hopper,nestjs --rounds 3
  deno task bench all --json bench.json --svg dist/bench/
  deno task bench --quick`;

function benchesOf(command: Command): (Compared | Other)[] {
  const all = [...compared, ...others];
  // Ten million messages take a quarter of an hour.
  const usual = all.filter((name) => name !== "steady");
  const named = command.args.flatMap((name) => name === "all" ? usual : [name]);
  const unknown = named.find((name) => !all.includes(name as Compared));
  if (unknown !== undefined) command.error(`No bench '${unknown}'; there are ${all.join(", ")}, and all`);
  return [...new Set(named)] as (Compared | Other)[];
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Write a number from 1, such as 5.");
  return Number(text);
}

function list(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

function contenderNames(text: string): string[] {
  const names = list(text);
  const known = contenders.map(({ id }) => id);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`No contender '${unknown}'; there are ${known.join(", ")}.`);
  }
  return names;
}

function brokerName(text: string): "RabbitMQ" | "embedded" {
  if (text === "rabbitmq") return "RabbitMQ";
  if (text === "embedded") return "embedded";
  throw new InvalidArgumentError("Write rabbitmq or embedded.");
}
