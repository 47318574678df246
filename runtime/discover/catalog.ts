import type { Declared, FileProblem } from "../core/declared.ts";
import type { Config } from "../core/options.ts";
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
    notices: conflicts.notices,
  };
}

async function readFunction(from: FunctionFile, config: Config): Promise<Omit<Catalog, "notices">> {
  const loaded = await load(from);
  if (loaded.kind === "problem") return { functions: [], problems: [loaded.problem] };
  const source = await Deno.readTextFile(from.path).catch(() => "");
  const checked = check({ from, ...loaded, source }, config);
  return checked.kind === "declared"
    ? { functions: [checked.declared], problems: [] }
    : { functions: [], problems: checked.problems };
}
