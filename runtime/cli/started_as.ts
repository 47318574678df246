import { dirname, join, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { readDenoJson } from "../core/deno_json.ts";
import { isRecord } from "../core/values.ts";
import { nearestConfig } from "../core/nearest_config.ts";
import { ownFolder } from "../core/own_files.ts";

/** The variable that says how a person starts Hopper, where its package's command has started it. */
export const startedAs = "HOPPER_STARTED_AS";

const task = "deno task hopper";

/** How a person who has Node starts the package's command from this folder. */
export function startWithNode(cwd: string): string {
  const own = fileURLToPath(ownFolder);
  if (own.includes(`${sep}_npx${sep}`)) return "npx @hopper/hopper";
  for (let at = cwd, below = ""; at !== below; [at, below] = [dirname(at), at]) {
    if (own.startsWith(join(at, "node_modules") + sep)) return "npx hopper";
  }
  return "hopper";
}

/** What stands before a command where this one was started, as `deno task hopper`. */
export function startHere(cwd: string): string {
  const said = process.env[startedAs];
  if (said !== undefined) return said;
  if (hasTask(cwd)) return task;
  const main = Deno.mainModule;
  if (main.endsWith("/dist/hopper.js")) return "deno run -A npm:@hopper/hopper";
  return `deno run -A ${main.startsWith("file:") ? quoted(fileURLToPath(main)) : main}`;
}

/** What stands before a command in a project that `hopper init` made. */
export function startInProject(): string {
  return process.env[startedAs] ?? task;
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Whether the nearest deno.json has the task `hopper`. */
function hasTask(folder: string): boolean {
  const config = nearestConfig(folder);
  const { tasks } = config === undefined ? {} : readDenoJson(config);
  return isRecord(tasks) && "hopper" in tasks;
}
