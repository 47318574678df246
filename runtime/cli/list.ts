import { resolve } from "node:path";
import { Command } from "commander";
import { type Declared, describeProblem } from "../core/declared.ts";
import { HopperError } from "../core/api/errors.ts";
import { isPluginType } from "../core/settings/exchange_types.ts";
import { triggerExchanges } from "../core/settings/exchanges.ts";
import { describeUse } from "../core/text/describe_use.ts";
import { printableLines } from "../core/text/printable.ts";
import { readFolder } from "../app/functions_folder.ts";
import type { Catalog } from "../discover/catalog.ts";
import { loadConfig } from "../discover/config.ts";
import { reaches } from "../topology/match.ts";
import { neededOf } from "../topology/passive.ts";
import { timeText } from "../core/schedule/tick.ts";
import { queueName } from "../core/settings/queue_name.ts";
import { planFunction } from "../topology/plan.ts";
import { configFlag } from "./connect.ts";
import type { FunctionsView } from "../observe/api/views.ts";
import { writtenAdmin } from "./admin/address.ts";
import { AdminClient } from "./admin/client.ts";
import { functionTable, type LatestTicks, writtenSettings } from "./describe.ts";
import { requireFolder } from "./folder.ts";
import { collectHeader } from "./input.ts";

interface Flags {
  readonly functions: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly to?: string;
  readonly key: string;
  readonly header?: Record<string, unknown>;
}

/** `hopper list` */
export function listCommand(): Command {
  return new Command("list")
    .description("List the functions in a folder, and what is wrong with its files; needs no broker")
    .option("--functions <dir>", "folder of function files", "functions")
    .option(...configFlag)
    .option(
      "--verbose",
      "below the table, the settings of each function that were written, and who wrote them",
    )
    .option("--json", "print one JSON object with functions, problems and notices")
    .option("--to <exchange>", "only the functions that get a message published to this exchange")
    .option("--key <key>", "the message's routing key, with --to", "")
    .option("--header <name=value>", "a header of the message, with --to; can be repeated", collectHeader)
    .addHelpText("after", "\nExample:\n  hopper list --to topic_logs --key kern.critical")
    .action(async (flags: Flags) => {
      await requireFolder(flags.functions);
      const catalog = await readFolder(resolve(flags.functions), await loadConfig(flags.config));
      const functions = catalog.functions.filter((declared) => isMeant(declared, flags));
      const latest = await latestTicks(functions);
      if (flags.json) console.log(JSON.stringify(asJson(functions, catalog, latest)));
      else print(functions, catalog, latest, flags.verbose);
      if (catalog.problems.length > 0) {
        throw new HopperError("PROBLEMS", `${catalog.problems.length} problem(s) in ${flags.functions}`);
      }
    });
}

function isMeant(declared: Declared, { to, key, header = {} }: Flags): boolean {
  if (to === undefined) return true;
  // Only the broker knows how a plugin's exchange routes, so every function bound to it may get the message.
  if (triggerExchanges(declared).some(({ name, type }) => name === to && isPluginType(type))) return true;
  return reaches(declared.trigger, { exchange: to, routingKey: key, headers: header });
}

/** The latest ticks, if the runtime of this folder runs and there is a schedule to ask for. */
async function latestTicks(functions: readonly Declared[]): Promise<LatestTicks> {
  const isAsked = functions.some(({ recurrence }) => recurrence !== undefined);
  const at = isAsked ? await writtenAdmin(Deno.cwd()) : undefined;
  if (at === undefined) return new Map();
  using admin = new AdminClient(at);
  const view = await admin.get<FunctionsView>("/api/functions").catch(() => undefined);
  return new Map(
    view?.functions.flatMap(({ name, schedule }) => {
      const latest = schedule?.latest;
      return latest === undefined ? [] : [[name, timeText(Date.parse(latest))] as const];
    }),
  );
}

function print(
  functions: readonly Declared[],
  { problems, notices }: Catalog,
  latest: LatestTicks,
  isVerbose = false,
): void {
  console.log(functions.length === 0 ? "No functions" : functionTable(functions, latest));
  if (isVerbose) { for (const declared of functions) console.log(`\n${writtenSettings(declared)}`); }
  for (const notice of notices) console.error(printableLines(`! ${notice}`));
  for (const problem of problems) console.error(printableLines(`✗ ${describeProblem(problem)}`));
}

function asJson(functions: readonly Declared[], { problems, notices }: Catalog, latest: LatestTicks) {
  return { functions: functions.map((declared) => describeFunction(declared, latest)), problems, notices };
}

function describeFunction(declared: Declared, latest: LatestTicks) {
  const { name, file, trigger, settings: { input, output, use: _, middleware: _modules, ...settings } } =
    declared;
  const use = describeUse(declared.settings);
  const checks = { input: input !== undefined, output: output !== undefined };
  const plan = planFunction(declared);
  const needs = plan.passive && { needs: neededOf(plan, plan.passive) };
  const next = declared.recurrence?.next(Date.now());
  const schedule = declared.recurrence && {
    schedule: { next: next === undefined ? undefined : timeText(next), latest: latest.get(name) },
  };
  return {
    name,
    file,
    trigger,
    queue: queueName(declared),
    ...schedule,
    ...needs,
    settings: { ...settings, ...use.length > 0 && { use } },
    checks,
  };
}
