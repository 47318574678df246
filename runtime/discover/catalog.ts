import type { Declared, FileProblem, FunctionFile } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import { globMatches } from "../core/settings/glob.ts";
import { layersOf } from "../core/settings/layers.ts";
import type { Config } from "../core/api/options.ts";
import { type Isolate, resolve } from "../core/settings/settings.ts";
import { didYouMean } from "../core/text/suggest.ts";
import { type Candidate, check } from "./check.ts";
import { findConflicts } from "./conflicts.ts";
import { findExchangeConflicts } from "./exchange_conflicts.ts";
import { scan } from "./scan.ts";
import { everything, select, type Selection } from "./selection.ts";

/** Everything a functions folder holds: what can run, what is wrong, and what an operator should know. */
export interface Catalog {
  /** The names of all function files, those of broken ones among them. */
  readonly files: readonly string[];
  /** The names of those that are still being loaded: nothing is wrong with them as far as one can tell. */
  readonly pending: readonly string[];
  readonly functions: readonly Declared[];
  readonly problems: readonly FileProblem[];
  readonly notices: readonly string[];
}

/** A file to read, and where its function will run. */
export type FileToRead = FunctionFile & { readonly isolate: Isolate };

/** A file's declaration and its code, or what is wrong with the file. */
export type ReadFile =
  | Omit<Candidate, "from" | "folder"> & { readonly kind: "declaration" }
  | { readonly kind: "problem"; readonly problem: FileProblem }
  | { readonly kind: "pending" };

/** Reads files, each result at its file's place. */
export type ReadFiles = (files: readonly FileToRead[]) => Promise<readonly ReadFile[]>;

/** Where a catalog comes from. */
export interface CatalogParts {
  readonly folder: string;
  readonly config: Config;
  /** Default: everything. */
  readonly selection?: Selection;
  readonly read: ReadFiles;
}

/** Reads a folder: a bad file is reported and never stops the others. Rejects only if the folder cannot be read. */
export async function readCatalog(parts: CatalogParts): Promise<Catalog> {
  const { folder, config, selection = everything, read } = parts;
  const { files: found, problems } = await scan(folder);
  const { files, notices } = select(found, selection, config);
  const results = await read(files.map((file) => ({ ...file, isolate: isolateOf(file.name, config) })));
  const checked = files.map((from, i): CheckedFile => checkFile(from, results[i]!, folder, config));
  const declared = checked.flatMap((result) => result.functions);
  const conflicts = [findConflicts(declared), findExchangeConflicts(declared)];
  const isRefused = ({ name }: Declared) => conflicts.some(({ refused }) => refused.has(name));
  return {
    files: files.map(({ name }) => name),
    pending: files.filter((_, i) => results[i]!.kind === "pending").map(({ name }) => name),
    functions: declared.filter((one) => !isRefused(one)),
    problems: [...problems, ...[...checked, ...conflicts].flatMap((result) => result.problems)],
    notices: [
      ...unusedOverrides(found, config),
      ...notices,
      ...[...checked, ...conflicts].flatMap((result) => result.notices),
    ],
  };
}

/** What came of one file. */
type CheckedFile = Omit<Catalog, "files" | "pending">;

// Only the operator says where a function runs, so that it is known before its file is read.
function isolateOf(name: string, config: Config): Isolate {
  return resolve(...layersOf(name, {}, config)).isolate;
}

function checkFile(
  from: FunctionFile,
  read: ReadFile,
  folder: string,
  config: Config,
): CheckedFile {
  if (read.kind !== "declaration") {
    return { functions: [], problems: read.kind === "problem" ? [read.problem] : [], notices: [] };
  }
  try {
    const checked = check({ from, folder, ...read }, config);
    return checked.kind === "declared"
      ? { functions: [checked.declared], problems: [], notices: checked.notices }
      : { functions: [], problems: checked.problems, notices: [] };
  } catch (error) {
    return unreadable(from.file, error);
  }
}

// A file may export anything, even what throws when it is looked at.
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
