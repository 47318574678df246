import { resolve } from "node:path";
import { Command } from "commander";
import { brokerUrl } from "../client/broker_url.ts";
import { type OpenConnection, openConnection } from "../client/open_connection.ts";
import { HopperError } from "../core/api/errors.ts";
import type { Connection } from "../core/ports/amqp.ts";
import type { Config } from "../core/api/options.ts";
import { printableLines } from "../core/text/printable.ts";
import { deploy, type Outcome } from "../deploy/deploy.ts";
import { loadConfig } from "../discover/config.ts";
import { projectOf } from "../discover/code/project.ts";
import { brokerFlag, type BrokerFlags, configFlag } from "./connect.ts";
import { UsageError } from "./exit.ts";
import { table } from "./output.ts";
import { listenForStop } from "./signals.ts";

type Flags = BrokerFlags & { readonly to: string; readonly dryRun: boolean };

/** `hopper deploy DIR-or-FILE… --to FOLDER` */
export function deployCommand(): Command {
  return new Command("deploy")
    .description("Check function files, and put them into a functions folder if nothing is wrong")
    .argument(
      "<sources...>",
      "files and folders; of one folder, the content is placed; of several, each is placed as a folder",
    )
    .requiredOption("--to <folder>", "the functions folder that a runtime runs")
    .option("--dry-run", "check, and only say which files would be placed", false)
    .option(...configFlag)
    .option(...brokerFlag)
    .addHelpText(
      "after",
      `
Files that are in the folder already and not among the sources stay. The checks run in a copy of the folder: links and
permissions, declarations and conflicts, types, and, if a broker can be reached, whether it has queues or exchanges
with these names and other settings. Helpers are placed before the functions that import them.

Example:
  hopper deploy src/billing --to functions --dry-run`,
    )
    .action(run);
}

async function run(named: string[], { to, dryRun, ...flags }: Flags): Promise<void> {
  const folder = resolve(to);
  if (!(await Deno.stat(folder).catch(() => undefined))?.isDirectory) {
    throw new UsageError(`No folder to deploy to at '${to}'; check --to, or make one: mkdir ${to}`);
  }
  const config = await loadConfig(flags.config);
  const broker = createBroker(flags, config);
  const stop = new AbortController();
  const signals = listenForStop();
  signals.first.then(() => stop.abort(new HopperError("STOPPED", "Stopped: nothing was placed")));
  try {
    const outcome = await deploy({
      named,
      folder,
      dryRun,
      config,
      project: projectOf(folder).config,
      connection: broker.connection,
      signal: stop.signal,
    });
    report(outcome, dryRun);
  } finally {
    await broker.close();
    signals.close();
  }
}

/** The broker that the flag, the environment or deploy.config.ts names. It connects when it is first asked. */
function createBroker(flags: BrokerFlags, config: Config) {
  let open: OpenConnection | undefined;
  return {
    async connection(): Promise<Connection> {
      const { url, source } = brokerUrl(Deno.env.get, { flag: flags.broker, config: config.broker });
      const timeout = source === "default" ? "1s" : "5s"; // If none was named, there may be none.
      open ??= await openConnection(url, { name: "hopper deploy", timeout });
      return open.connection;
    },
    async close(): Promise<void> {
      await open?.[Symbol.asyncDispose]();
    },
  };
}

function report({ files, reasons, notices }: Outcome, dryRun: boolean): void {
  for (const notice of notices) console.error(printableLines(`! ${notice}`));
  for (const reason of reasons) console.error(printableLines(`✗ ${reason}`));
  if (reasons.length > 0) {
    throw new HopperError("REFUSED", `Nothing was placed: ${reasons.length} problem(s)`);
  }
  console.log(table(files.map(({ state, path }) => [state, path])));
  const count = files.filter(({ state }) => state !== "unchanged").length;
  console.log(`${count} of ${files.length} file(s) ${dryRun ? "would be placed" : "placed"}`);
}
