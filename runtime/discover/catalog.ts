import type { Declared, FileProblem } from "../core/declared.ts";
import { globMatches } from "../core/glob.ts";
import type { Config } from "../core/options.ts";
import { didYouMean } from "../core/suggest.ts";
import { check } from "./check.ts";
import { findConflicts } from "./conflicts.ts";
import { load } from "./load.ts";
import { type FunctionFile, scan } from "./scan.ts";

/** Everything a functions folder holds: what can run, what is wrong, and what an operator should know. */
export interface Catalog {
  readonly functions: readonly Declared[];
  readonly problems: readonly FileProblem[];
  readonly notices: readonly string[];
}

/** Reads a folder: a bad file is reported and never stops the others. Rejects only if the folder cannot be read. */
export async function readCatalog(
  folder: string,
  config: Config,
  queueOf: (declared: Declared) => string,
): Promise<Catalog> {
  const { files, problems } = await scan(folder);
  const read = await Promise.all(files.map((file) => readFunction(file, config)));
  const declared = read.flatMap((result) => result.functions);
  const conflicts = findConflicts(declared, queueOf);
  return {
    functions: declared.filter(({ name }) => !conflicts.refused.has(name)),
    problems: [...problems, ...read.flatMap((result) => result.problems), ...conflicts.problems],
    notices: [
      ...unusedOverrides(declared, config),
      ...read.flatMap((result) => result.notices),
      ...conflicts.notices,
    ],
  };
}

async function readFunction(from: FunctionFile, config: Config): Promise<Catalog> {
  const loaded = await load(from);
  if (loaded.kind === "problem") return { functions: [], problems: [loaded.problem], notices: [] };
  const source = await Deno.readTextFile(from.path).catch(() => "");
  const checked = check({ from, ...loaded, source }, config);
  return checked.kind === "declared"
    ? { functions: [checked.declared], problems: [], notices: checked.notices }
    : { functions: [], problems: checked.problems, notices: [] };
}

function unusedOverrides(functions: readonly Declared[], config: Config): string[] {
  const names = functions.map(({ name }) => name);
  return Object.keys(config.functions ?? {})
    .filter((glob) => !names.some((name) => globMatches(glob, name)))
    .map((glob) => `deploy.config.ts: functions["${glob}"] fits no function${didYouMean(glob, names)}`);
}
