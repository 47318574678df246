import { Command, CommanderError } from "commander";
import { printableLines } from "../core/text/printable.ts";
import { exitCodes } from "./exit.ts";
import { lastWords } from "./printing.ts";
import { version } from "./version.ts";

/** The commands in the order of the help. Each is loaded only when it is needed, as most of Hopper belongs to `run`. */
const commands: Readonly<Record<string, () => Promise<() => Command>>> = {
  run: async () => (await import("./run.ts")).runCommand,
  call: async () => (await import("./call.ts")).callCommand,
  send: async () => (await import("./send.ts")).sendCommand,
  publish: async () => (await import("./publish.ts")).publishCommand,
  cancel: async () => (await import("./cancel.ts")).cancelCommand,
  fire: async () => (await import("./fire.ts")).fireCommand,
  list: async () => (await import("./list.ts")).listCommand,
  init: async () => (await import("./init.ts")).initCommand,
  new: async () => (await import("./new.ts")).newCommand,
  deploy: async () => (await import("./deploy.ts")).deployCommand,
  logs: async () => (await import("./logs.ts")).logsCommand,
  runs: async () => (await import("./runs.ts")).runsCommand,
  top: async () => (await import("./top.ts")).topCommand,
  queues: async () => (await import("./queues.ts")).queuesCommand,
  pause: async () => (await import("./pause.ts")).pauseCommand,
  resume: async () => (await import("./pause.ts")).resumeCommand,
  dead: async () => (await import("./dead.ts")).deadCommand,
  broker: async () => (await import("./broker.ts")).brokerCommand,
};

/** The command line as far as these arguments need it: one command, or for help and for a wrong command all of them. */
export async function programFor([first]: readonly string[]): Promise<Command> {
  const hopper = new Command("hopper")
    .description("Serverless functions over RabbitMQ: a file in functions/ is a live consumer")
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError("(see --help)")
    .exitOverride();
  for (const name of needed(first)) {
    const command = await commands[name]!();
    hopper.addCommand(command().exitOverride().showHelpAfterError("(see --help)"));
  }
  return hopper;
}

function needed(first: string | undefined): readonly string[] {
  if (first === "--version" || first === "-V") return [];
  return first !== undefined && Object.hasOwn(commands, first) ? [first] : Object.keys(commands);
}

/** Runs a command line. Returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const hopper = await programFor(args);
    await hopper.parseAsync([...args], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { code, message } = exitCodes.of(error);
    await lastWords(printableLines(`hopper: ${message}`));
    return code;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
