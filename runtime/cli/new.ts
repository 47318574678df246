import { dirname, join } from "node:path";
import { Command, Option } from "commander";
import { HopperError } from "../core/api/errors.ts";
import { type TriggerKind, triggerKinds } from "../core/api/trigger.ts";
import { UsageError } from "./exit.ts";
import { template, tryIt } from "./templates.ts";

/** `hopper new NAME --trigger KIND` */
export function newCommand(): Command {
  return new Command("new")
    .description("Write a new function file")
    .argument("<name>", "name of the function; dots become folders: billing.charge is billing/charge.ts")
    .addOption(new Option("--trigger <kind>", "what it consumes").choices(triggerKinds).makeOptionMandatory())
    .option("--functions <dir>", "folder of function files", "functions")
    .action(async (name: string, flags: { trigger: TriggerKind; functions: string }) => {
      if (!/^[A-Za-z0-9][\w-]*(?:\.[A-Za-z0-9][\w-]*)*$/.test(name)) {
        throw new UsageError(
          `'${name}' is not a function name; expected letters, digits, - and _, with dots between, such as billing.charge`,
        );
      }
      const path = join(flags.functions, ...name.split(".")) + ".ts";
      await Deno.mkdir(dirname(path), { recursive: true });
      try {
        await Deno.writeTextFile(path, template(name, flags.trigger), { createNew: true });
      } catch (error) {
        if (error instanceof Deno.errors.AlreadyExists) {
          throw new HopperError("EXISTS", `${path} exists already`);
        }
        throw error;
      }
      console.log(`${path}\n\nStart:  deno task run\nTry:    ${tryIt(name, flags.trigger)}`);
    });
}
