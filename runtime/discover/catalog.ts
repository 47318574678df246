import type { Declared, FileProblem, FunctionFile, ReadFile } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import { globMatches } from "../core/settings/glob.ts";
import type { Config } from "../core/api/options.ts";
import type { ReadRecurrence } from "../core/schedule/recurrence.ts";
import { didYouMean } from "../core/text/suggest.ts";
import { check } from "./check/check.ts";
import { findConflicts } from "./check/conflicts.ts";
import { findExchangeConflicts } from "./check/exchange_conflicts.ts";
import type { FunctionFiles } from "./function_files.ts";
import type { Selected } from "./selection.ts";

/** Everything a functions folder holds: what can run, what is wrong, and what an operator should know. */
export interface Catalog {
  /** The names of all function files, those of broken ones among them. */
  readonly files: readonly string[];
  /** The names of those that are still being loaded; nothing is known to be wrong with them. */
  readonly pending: readonly string[];
  readonly functions: readonly Declared[];
  readonly problems: readonly FileProblem[];
  readonly notices: readonly string[];
}

/** What a catalog is made of. */
export interface CatalogParts {
  readonly folder: string;
  readonly config: Config;
  readonly found: FunctionFiles;
  /** Those of the files found that are served. */
  readonly selected: Selected;
  /** What came of reading each of these, in their order. */
  readonly read: readonly ReadFile[];
  /** Reads the expressions of schedules, if there are any. */
  readonly recurrences?: ReadRecurrence;
}

/** Checks what was read, each file and all together: a bad file is reported and never stops the others. */
export function catalogOf({ folder, config, found, selected, read, recurrences }: CatalogParts): Catalog {
  const { files } = selected;
  const checked = files.map((from, i): CheckedFile => checkFile(from, read[i]!, folder, config, recurrences));
  const declared = checked.flatMap((result) => result.functions);
  const conflicts = [findConflicts(declared), findExchangeConflicts(declared)];
  const isRefused = ({ name }: Declared) => conflicts.some(({ refused }) => refused.has(name));
  return {
    files: files.map(({ name }) => name),
    pending: files.filter((_, i) => read[i]!.kind === "pending").map(({ name }) => name),
    functions: declared.filter((one) => !isRefused(one)),
    problems: [...found.problems, ...[...checked, ...conflicts].flatMap((result) => result.problems)],
    notices: [
      ...unusedOverrides(found.files, config),
      ...selected.notices,
      ...[...checked, ...conflicts].flatMap((result) => result.notices),
    ],
  };
}

/** What came of one file. */
type CheckedFile = Omit<Catalog, "files" | "pending">;

function checkFile(
  from: FunctionFile,
  read: ReadFile,
  folder: string,
  config: Config,
  recurrences: ReadRecurrence | undefined,
): CheckedFile {
  if (read.kind !== "declaration") {
    return { functions: [], problems: read.kind === "problem" ? [read.problem] : [], notices: [] };
  }
  try {
    const checked = check({ from, folder, ...read }, config, recurrences);
    return checked.kind === "declared"
      ? { functions: [checked.declared], problems: [], notices: checked.notices }
      : { functions: [], problems: checked.problems, notices: [] };
  } catch (error) {
    return unreadable(from.file, error);
  }
}

// A file may export anything, even an object that throws when one of its fields is read.
function unreadable(file: string, error: unknown): CheckedFile {
  const message = `The default export cannot be read: ${describeError(error)}`;
  const fix = 'write: export default queue("name", handler)';
  return { functions: [], problems: [{ file, message, fix }], notices: [] };
}

function unusedOverrides(files: readonly FunctionFile[], config: Config): string[] {
  const names = files.map(({ name }) => name);
  return Object.keys(config.functions ?? {})
    .filter((glob) => !names.some((name) => globMatches(glob, name)))
    .map((glob) => `deploy.config.ts: functions["${glob}"] matches no function${didYouMean(glob, names)}`);
}
