import { resolve } from "node:path";
import { Command } from "commander";
import { type Declared, describeProblem } from "../core/declared.ts";
import { HopperError } from "../core/api/errors.ts";
import { manualTick } from "../core/schedule/tick.ts";
import { queueName } from "../core/settings/queue_name.ts";
import { didYouMean } from "../core/text/suggest.ts";
import { readFolder } from "../app/functions_folder.ts";
import type { Catalog } from "../discover/catalog.ts";
import { loadConfig } from "../discover/config.ts";
import { brokerFlag, type BrokerFlags, configFlag, connectAs } from "./connect.ts";
import { UsageError } from "./exit.ts";
import { requireFolder } from "./folder.ts";
import { startHere } from "./started_as.ts";
import { tryIt } from "./try_it.ts";

/** `hopper fire NAME` */
export function fireCommand(): Command {
  return new Command("fire")
    .description("Fire a schedule now, whatever its time, and wait until the broker confirms the tick")
    .argument("<name>", "name of the function")
    .option("--functions <dir>", "folder of function files", "functions")
    .option(...brokerFlag)
    .option(...configFlag)
    .addHelpText("after", "\nExample:\n  hopper fire reports.nightly")
    .action(async (name: string, flags: BrokerFlags & { readonly functions: string }) => {
      await requireFolder(flags.functions);
      const catalog = await readFolder(resolve(flags.functions), await loadConfig(flags.config));
      const queue = queueName(scheduleIn(catalog, name));
      await using client = await connectAs("fire", flags);
      await client.send(queue, manualTick());
      console.log(`Fired ${name} (queue '${queue}')`);
    });
}

function scheduleIn({ functions, files, problems }: Catalog, name: string): Declared {
  const found = functions.find((declared) => declared.name === name);
  if (found?.trigger.kind === "schedule") return found;
  if (found !== undefined) {
    const instead = tryIt(found, { start: startHere(Deno.cwd()), flags: [] });
    throw new UsageError(`'${name}' is no schedule but a ${found.trigger.kind} trigger; try: ${instead}`);
  }
  if (files.includes(name)) {
    const why = problems.map(describeProblem).join("\n");
    throw new HopperError("PROBLEMS", `'${name}' cannot be fired, as its file is wrong:\n${why}`);
  }
  const schedules = functions.filter(({ trigger }) => trigger.kind === "schedule").map(({ name }) => name);
  const near = didYouMean(name, schedules);
  const all = schedules.length === 0 ? "there is none in this folder" : `there are: ${schedules.join(", ")}`;
  throw new UsageError(`No schedule '${name}'${near || `; ${all}`}`);
}
