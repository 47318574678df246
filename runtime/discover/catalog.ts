import type { Declared, FileProblem, QueueOf } from "../core/declared.ts";
import { describeError } from "../core/errors.ts";
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
  queueOf: QueueOf,
): Promise<Catalog> {
  const { files, problems } = await scan(folder);
  const read = await Promise.all(
    files.map((from) =>
      readFunction(from, folder, config, queueOf).catch((error) => unreadable(from.file, error))
    ),
  );
  const declared = read.flatMap((result) => result.functions);
  const conflicts = findConflicts(declared, queueOf);
  return {
    functions: declared.filter(({ name }) => !conflicts.refused.has(name)),
    problems: [...problems, ...read.flatMap((result) => result.problems), ...conflicts.problems],
    notices: [
      ...unusedOverrides(files, config),
      ...read.flatMap((result) => result.notices),
      ...conflicts.notices,
    ],
  };
}

async function readFunction(
  from: FunctionFile,
  folder: string,
  config: Config,
  queueOf: QueueOf,
): Promise<Catalog> {
  const loaded = await load(from);
  if (loaded.kind === "problem") return { functions: [], problems: [loaded.problem], notices: [] };
  const source = await Deno.readTextFile(from.path).catch(() => "");
  const checked = check({ from, ...loaded, source, folder }, config, queueOf);
  return checked.kind === "declared"
    ? { functions: [checked.declared], problems: [], notices: checked.notices }
    : { functions: [], problems: checked.problems, notices: [] };
}

// A file may export anything, even what throws when it is looked at.
function unreadable(file: string, error: unknown): Catalog {
  const message = `The default export cannot be read: ${describeError(error)}`;
  const fix = 'write: export default queue("name", handler)';
  return { functions: [], problems: [{ file, message, fix }], notices: [] };
}

function unusedOverrides(files: readonly FunctionFile[], config: Config): string[] {
  const names = files.map(({ name }) => name);
  return Object.keys(config.functions ?? {})
    .filter((glob) => !names.some((name) => globMatches(glob, name)))
    .map((glob) => `deploy.config.ts: functions["${glob}"] fits no function${didYouMean(glob, names)}`);
}
