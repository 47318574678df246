import { setTimeout as wait } from "node:timers/promises";
import { Command, Option } from "commander";
import { HopperError } from "../core/api/errors.ts";
import { type LogLevel, logLevels } from "../core/ports/events.ts";
import { printable, printableJson } from "../core/text/printable.ts";
import type { RunDetail, RunsView } from "../observe/api/views.ts";
import { lineTime } from "../observe/line_time.ts";
import type { AdminClient } from "./admin/client.ts";
import { isOfLevel, linesOfRun, lineText, type LoggedLine } from "./admin/kept_lines.ts";
import { adminFlag, adminOf, type RuntimeFlags } from "./admin/open.ts";
import { UsageError } from "./exit.ts";
import { wholeNumber } from "./flags.ts";
import { write } from "./output.ts";

interface Flags extends RuntimeFlags {
  readonly follow?: boolean;
  readonly run?: string;
  readonly level: LogLevel;
  readonly limit: number;
  readonly json?: boolean;
}

/** `hopper logs [NAME]` */
export function logsCommand(): Command {
  return new Command("logs")
    .description("Show the log lines of the latest runs that a running runtime keeps, or follow its log")
    .argument("[name]", "only the lines of this function")
    .option("-f, --follow", "show new lines as they come, of all kinds, until Ctrl-C")
    .option("--run <id>", "only the lines of this run")
    .addOption(new Option("--level <level>", "the lowest level to show").choices(logLevels).default("info"))
    .option("--limit <n>", "without --follow: the lines of this many runs", wholeNumber, 20)
    .option("--json", "one JSON object per line, as run --log json prints it")
    .option(...adminFlag)
    .addHelpText(
      "after",
      "\nExample:\n  hopper logs orders -f --level warn\n  hopper logs --run m3k9x2aa1f-7",
    )
    .action(logs);
}

async function logs(name: string | undefined, flags: Flags): Promise<void> {
  if (name !== undefined && flags.run !== undefined) {
    throw new UsageError("Either a function's name or --run, not both: a run has only one function");
  }
  try {
    if (flags.follow) await follow(name, flags);
    else await showKept(name, flags);
  } catch (error) {
    // As where `head` has read enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

async function showKept(name: string | undefined, flags: Flags): Promise<void> {
  using admin = await adminOf(flags);
  const runs = flags.run === undefined
    ? await latestRuns(admin, name, flags.limit)
    : [await runOf(admin, flags.run)];
  const lines = runs.flatMap(linesOfRun).toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));
  lines.forEach(printer(flags));
  if (runs.length === 0) {
    console.error(printable(`No run${name === undefined ? "" : ` of '${name}'`} is kept`));
  }
  if (runs.some(({ hidden }) => hidden)) {
    console.error("! What functions logged is hidden without the token: give HOPPER_ADMIN_TOKEN");
  }
}

/** The latest runs, the first of them first. */
async function latestRuns(admin: AdminClient, name: string | undefined, limit: number): Promise<RunDetail[]> {
  const { runs } = await admin.get<RunsView>("/api/runs", { function: name, limit });
  const details: RunDetail[] = [];
  // One after the other: the runtime has other things to do.
  for (const { id } of runs.toReversed()) {
    const run = await runOf(admin, id).catch(unlessGone);
    if (run !== undefined) details.push(run);
  }
  return details;
}

async function runOf(admin: AdminClient, id: string): Promise<RunDetail> {
  return await admin.get<RunDetail>(`/api/runs/${encodeURIComponent(id)}`);
}

// A run is forgotten when there are too many newer ones.
function unlessGone(error: unknown): undefined {
  if (!(error instanceof HopperError && error.code === "NOT_FOUND")) throw error;
}

function printer({ level, json }: Flags): (line: LoggedLine) => void {
  const time = lineTime("date");
  return (line) => {
    if (!isOfLevel(line, level)) return;
    const text = json ? printableJson(JSON.stringify(line)) : lineText(line, time);
    if (text !== undefined) write(`${text}\n`);
  };
}

const againMs = 1_000;

/** Prints lines as they come. Connects again when the stream ends, and says so, as lines are then missing. */
async function follow(name: string | undefined, flags: Flags): Promise<never> {
  const print = printer(flags);
  let state: "first" | "connected" | "lost" = "first";
  for (;;) {
    try {
      // Each time anew: a runtime that was started again has another token.
      using admin = await adminOf(flags);
      const events = await admin.events({ function: name });
      if (state === "lost") console.error("! Connected again; the lines in between are not here");
      state = "connected";
      for await (const { data } of events) {
        const line: LoggedLine = JSON.parse(data);
        if (flags.run === undefined || line.run === flags.run) print(line);
      }
    } catch (error) {
      // Both are of the network.
      const isLost = error instanceof HopperError || error instanceof TypeError;
      if (state === "first" || !isLost) throw error;
    }
    if (state === "connected") {
      console.error(
        "! The stream has ended, as the runtime stops or this reader was too slow; connecting again",
      );
    }
    state = "lost";
    await wait(againMs);
  }
}
