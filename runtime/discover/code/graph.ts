import { fileURLToPath } from "node:url";
import { describeError, HopperError } from "../../core/api/errors.ts";
import { ownFolder } from "../../core/own_files.ts";
import { askDeno, type AskOptions, whyItFailed } from "./deno.ts";

/** How imports are read. */
export type ModuleOptions = Omit<AskOptions, "budget">;

/** Deno could not say what files import; the message says why. */
export class ModulesUnreadable extends HopperError {
  /** `why` ends the sentence. */
  constructor(why: string, options?: ErrorOptions) {
    super("MODULES_UNREADABLE", `What the function files import cannot be read: ${why}`, options);
  }
}

/** What one module imports directly. */
export interface Imports {
  /** Local modules, by absolute path; missing ones among them. */
  readonly files: readonly string[];
  /** Packages, as `npm:ms@2.1.3`, whatever name deno.json gives them. */
  readonly packages: readonly string[];
}

/** What local modules import, by absolute path. */
export type Modules = ReadonlyMap<string, Imports>;

/**
 * For each function file the local modules and packages that it imports, itself or through others, at once or later;
 * sorted. Missing modules are included, so that one notices when they come; Hopper's own are not.
 */
export type Graph = ReadonlyMap<string, Imports>;

/** For each file what it imports, or why nobody can say. */
export type Graphs = ReadonlyMap<string, Imports | ModulesUnreadable>;

// 1,000 files take 0.2 s. An imported file may never end, or be a pipe to which nobody writes.
const budget = (files: number) => 3_000 + 10 * files;

const command = ["info", "--json", "--no-remote", "--no-npm"];

// Files about which Deno could say nothing together are asked about one by one, so many at once.
const atOnce = 4;

/**
 * Reads what function files import. One that cannot be parsed, or is gone, counts as importing nothing. Rejects with
 * `ModulesUnreadable` if Deno can say nothing about any of them.
 */
export async function readGraph(files: readonly string[], options: ModuleOptions = {}): Promise<Graph> {
  if (files.length === 0) return new Map();
  const modules = await readModules(files, options);
  return new Map(files.map((file) => [file, reachable(file, modules)]));
}

/**
 * Reads what each file imports, and goes on where one cannot be read: a file that imports a pipe to which nobody writes
 * costs the others some seconds, once. Rejects with `ModulesUnreadable` if no file is to blame, as when deno.json is
 * broken.
 */
export async function readGraphs(files: readonly string[], options: ModuleOptions): Promise<Graphs> {
  try {
    return await readGraph(files, options);
  } catch (error) {
    if (!(error instanceof ModulesUnreadable)) throw error;
    options.signal?.throwIfAborted();
    await readModules([], options);
    if (files.length === 1) return new Map([[files[0]!, error]]);
  }
  const graphs = new Map<string, Imports | ModulesUnreadable>();
  const left = [...files];
  const work = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      graphs.set(file, await readAlone(file, options));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return graphs;
}

/** The function files of a graph that are among these paths, or import one of them. */
export function affected(graph: Graph, changed: readonly string[]): string[] {
  const paths = new Set(changed);
  return [...graph].filter(([file, { files }]) => paths.has(file) || files.some((path) => paths.has(path)))
    .map(([file]) => file);
}

async function readAlone(file: string, options: ModuleOptions): Promise<Imports | ModulesUnreadable> {
  try {
    return (await readGraph([file], options)).get(file)!;
  } catch (error) {
    if (error instanceof ModulesUnreadable) return error;
    throw error;
  }
}

function reachable(file: string, modules: Modules): Imports {
  const found = new Set<string>([file]);
  const packages = new Set<string>();
  // The loop also visits what is added to the set inside it.
  for (const path of found) {
    modules.get(path)?.files.forEach((imported) => found.add(imported));
    modules.get(path)?.packages.forEach((name) => packages.add(name));
  }
  found.delete(file);
  return { files: [...found].sort(), packages: [...packages].sort() };
}

/**
 * Reads the local modules that files import, directly and through each other, as Deno itself resolves them. No code
 * runs and nothing is fetched. Rejects with `ModulesUnreadable`.
 */
async function readModules(files: readonly string[], options: ModuleOptions = {}): Promise<Modules> {
  try {
    const answer = await askDeno(command, files, { ...options, budget: budget(files.length) });
    if (!answer.success) throw new Error(whyItFailed(answer));
    return localModules(JSON.parse(answer.stdout));
  } catch (error) {
    const why = error instanceof Error ? error.message : describeError(error);
    throw new ModulesUnreadable(why, { cause: error });
  }
}

/** The part of `deno info --json` that matters here. */
interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly code?: Resolved; readonly type?: Resolved }[];
  }[];
}

interface Resolved {
  readonly specifier?: string;
}

function localModules({ modules }: Info): Modules {
  return new Map(modules.flatMap(({ specifier, dependencies = [] }) => {
    const path = localPath(specifier);
    if (path === undefined) return [];
    const imported = dependencies.flatMap(({ code, type }) => [code?.specifier, type?.specifier]);
    const files = imported.map(localPath).filter((path) => path !== undefined);
    const packages = imported.filter((specifier) => specifier?.startsWith("npm:")) as string[];
    return [[path, { files, packages }] as const];
  }));
}

// Hopper's own modules change only with a new version of Hopper, and then everything starts again.
function localPath(specifier: string | undefined): string | undefined {
  if (!specifier?.startsWith("file:") || specifier.startsWith(ownFolder.href)) return undefined;
  if (specifier.includes("/node_modules/")) return undefined;
  try {
    return fileURLToPath(specifier);
  } catch {
    return undefined; // Anything may stand in an import, such as a '%' that is no escape.
  }
}
