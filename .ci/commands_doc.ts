/**
 * Writes docs/commands.md from the command line's own help.
 *
 * `deno run -A .ci/commands_doc.ts` exits 1 if the page is out of date; with `--write` it writes the page.
 */

import type { Command } from "commander";
import { programFor } from "../runtime/cli/main.ts";
import { keepPage } from "./generated_page.ts";

const page = new URL("../docs/commands.md", import.meta.url);

const width = 100;

const intro = `# Command line

Written by \`deno run -A .ci/commands_doc.ts --write\` from the help of the commands.

In a clone of Hopper write \`deno task hopper\` for \`hopper\`, and \`deno task run\` for \`hopper run\`.

The exit code is 0 if the command did what it should, 1 if it failed, and 2 if the command line or
deploy.config.ts is wrong.

INPUT is sent as it was typed: as JSON if it is valid JSON, else as text. \`-\` reads it from stdin; bytes that are
not UTF-8 are sent as bytes.
`;

/** The whole page. */
export function commandsPage(hopper: Command): string {
  const commands = hopper.commands.flatMap((command) =>
    command.commands.length === 0 ? [command] : [command, ...command.commands]
  );
  return [intro, ...commands.map(section)].join("\n");
}

function section(command: Command): string {
  const name = command.parent!.parent ? `${command.parent!.name()} ${command.name()}` : command.name();
  const level = command.parent!.parent ? "###" : "##";
  return `${level} hopper ${name}\n\n\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\`\n`;
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => text += part, getOutHelpWidth: () => width });
  command.outputHelp();
  return text;
}

if (import.meta.main) await keepPage(page, commandsPage(await programFor([])), "commands_doc.ts");
