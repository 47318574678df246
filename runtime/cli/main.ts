import { Command, CommanderError } from "commander";
import { printableLines } from "../core/text/printable.ts";
import { brokerCommand } from "./broker.ts";
import { callCommand } from "./call.ts";
import { deadCommand } from "./dead.ts";
import { deployCommand } from "./deploy.ts";
import { exitCodes } from "./exit.ts";
import { initCommand } from "./init.ts";
import { listCommand } from "./list.ts";
import { newCommand } from "./new.ts";
import { lastWords } from "./printing.ts";
import { publishCommand } from "./publish.ts";
import { runCommand } from "./run.ts";
import { sendCommand } from "./send.ts";
import { version } from "./version.ts";

/** The whole command line. */
export function program(): Command {
  const hopper = new Command("hopper")
    .description("Serverless functions over RabbitMQ: a file in functions/ is a live consumer")
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError("(see --help)")
    .exitOverride();
  for (
    const command of [
      runCommand,
      callCommand,
      sendCommand,
      publishCommand,
      listCommand,
      initCommand,
      newCommand,
      deployCommand,
      deadCommand,
      brokerCommand,
    ]
  ) {
    hopper.addCommand(command().exitOverride().showHelpAfterError("(see --help)"));
  }
  return hopper;
}

/** Runs a command line. Returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...args], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { code, message } = exitCodes.of(error);
    await lastWords(printableLines(`hopper: ${message}`));
    return code;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
