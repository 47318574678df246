import { basename, join, relative, resolve } from "node:path";
import { Command, Option } from "commander";
import { readDenoJson } from "../core/deno_json.ts";
import { isRecord } from "../core/values.ts";
import { UsageError } from "./exit.ts";
import { projectFiles } from "./init/files.ts";
import { originFor } from "./init/origin.ts";
import { templates } from "./init/templates.ts";
import { writeNew } from "./new_file.ts";
import { table } from "./output.ts";
import { quoted, startInProject } from "./started_as.ts";
import { version } from "./version.ts";

interface Flags {
  readonly template: string;
}

/** `hopper init [DIR]` */
export function initCommand(): Command {
  return new Command("init")
    .description("Make a project that runs, type-checks and tests at once; no file that is there is written")
    .argument("[dir]", "its folder, which is made if it is not there", ".")
    .addOption(
      new Option("--template <name>", "what to begin with, of the templates below")
        .choices(Object.keys(templates)).default("basic"),
    )
    .addHelpText("after", `\nTemplates:\n${listed()}\n\nExample:\n  hopper init shop --template tutorial`)
    .action(init);
}

async function init(dir: string, { template }: Flags): Promise<void> {
  const folder = resolve(dir);
  await makeFolder(folder, dir);
  const origin = await originFor(folder, version);
  const start = startInProject();
  const { attempt, content } = templates[template]!;
  const { files: own, packages = {} } = await content();
  const files = { ...projectFiles(origin, { name: basename(folder), start, attempt, packages }), ...own };
  const rows: string[][] = [];
  for (const [path, text] of Object.entries(files)) {
    const isNew = await writeNew(join(folder, path), text);
    rows.push([isNew ? "made" : "kept", join(dir, path)]);
    if (!isNew && path === "deno.json" && !knowsHopper(join(folder, path))) {
      console.log(`${join(dir, path)} is there already; it has to have:\n\n${indented(text)}`);
    }
  }
  console.log(table(rows));
  const enter = folder === Deno.cwd() ? [] : [`cd ${quoted(relative(Deno.cwd(), folder))}`];
  const next = [...enter, `${start} run`, `${start} ${attempt}   # in another terminal`];
  console.log(`\nNext:\n\n${indented(next.join("\n"))}`);
}

function listed(): string {
  const rows = Object.entries(templates).map(([name, { has }]) => [name, has]);
  return indented(table(rows));
}

async function makeFolder(folder: string, shown: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`'${shown}' is a file; expected a folder, which is made if it is not there`);
    }
    throw error;
  }
}

function knowsHopper(config: string): boolean {
  const { imports } = readDenoJson(config);
  return isRecord(imports) && ["hopper", "hopper/"].some((name) => name in imports);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
