import { Command } from "commander";
import { printable } from "../core/text/printable.ts";
import type { FunctionSummary } from "../observe/api/views.ts";
import { adminFlag, adminOf, printJson, type RuntimeFlags } from "./admin/open.ts";

type Flags = RuntimeFlags & { readonly json?: boolean };

/** `hopper pause NAME` */
export function pauseCommand(): Command {
  return command(
    "pause",
    "Let a function of a running runtime take no more messages; they wait in its queue",
  );
}

/** `hopper resume NAME` */
export function resumeCommand(): Command {
  return command("resume", "Let a paused function take messages again");
}

function command(verb: "pause" | "resume", description: string): Command {
  return new Command(verb)
    .description(description)
    .argument("<name>", "name of the function")
    .option("--json", "print the API's JSON")
    .option(...adminFlag)
    .addHelpText("after", `\nExample:\n  hopper ${verb} billing.charge`)
    .action(async (name: string, flags: Flags) => {
      using admin = await adminOf(flags);
      const path = `/api/functions/${encodeURIComponent(name)}/${verb}`;
      const view = await admin.post<FunctionSummary>(path);
      if (flags.json) return printJson(view);
      const why = view.state === "running" || view.why === undefined ? "" : ` (${view.why})`;
      console.log(printable(`${view.name} is ${view.state}${why}`));
    });
}
