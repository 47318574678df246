import { join } from "node:path";
import { Command, Option } from "commander";
import { HopperError } from "../core/api/errors.ts";
import { type TriggerKind, triggerKinds } from "../core/api/trigger.ts";
import { UsageError } from "./exit.ts";
import { writeNew } from "./new_file.ts";
import { quoted, startHere } from "./started_as.ts";
import { template, testTemplate, tryIt } from "./templates.ts";

interface Flags {
  readonly trigger: TriggerKind;
  readonly functions: string;
  readonly test: boolean;
}

/** `hopper new NAME --trigger KIND` */
export function newCommand(): Command {
  return new Command("new")
    .description("Write a new function file")
    .argument("<name>", "name of the function; dots become folders: billing.charge is billing/charge.ts")
    .addOption(new Option("--trigger <kind>", "what it consumes").choices(triggerKinds).makeOptionMandatory())
    .option("--functions <dir>", "folder of function files", "functions")
    .option("--test", "write a test of it too", false)
    .action(writeFunction);
}

async function writeFunction(name: string, { trigger, functions, test }: Flags): Promise<void> {
  if (!/^[A-Za-z0-9][\w-]*(?:\.[A-Za-z0-9][\w-]*)*$/.test(name)) {
    throw new UsageError(
      `'${name}' is not a function name; expected letters, digits, - and _, with dots between, such as billing.charge`,
    );
  }
  const parts = name.split(".");
  const path = join(functions, ...parts);
  await write(`${path}.ts`, template(name, trigger));
  if (test) await write(`${path}_test.ts`, testTemplate(name, trigger));
  const start = startHere(Deno.cwd());
  const tests = test ? [`Test:   deno test -A ${quoted(`${path}_test.ts`)}`] : [];
  console.log(["", `Start:  ${start} run`, `Try:    ${tryIt(name, trigger, start)}`, ...tests].join("\n"));
}

async function write(path: string, text: string): Promise<void> {
  if (!await writeNew(path, text)) throw new HopperError("EXISTS", `${path} exists already`);
  console.log(path);
}
