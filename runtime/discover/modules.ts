import { fileURLToPath } from "node:url";
import { describeError, HopperError } from "../core/api/errors.ts";
import { ownFolder } from "../core/own_files.ts";
import { askDeno, type AskOptions, whyItFailed } from "./deno.ts";

/** How imports are read. */
export type ModuleOptions = Omit<AskOptions, "budget">;

/** Deno could not say what files import; the message says why. */
export class ModulesUnreadable extends HopperError {
  /** `why` completes the sentence. */
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

// It takes a fifth of a second for 1,000 files. What is imported may be a pipe that nobody writes to, or never end.
const budget = (files: number) => 3_000 + 10 * files;

const command = ["info", "--json", "--no-remote", "--no-npm"];

/**
 * Reads the local modules that files import, directly and by way of each other, as Deno itself resolves them; no code
 * runs and nothing is fetched. What cannot be parsed or is missing imports nothing. Rejects with `ModulesUnreadable`.
 */
export async function readModules(files: readonly string[], options: ModuleOptions = {}): Promise<Modules> {
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

// What a function imports of Hopper changes with a new version of Hopper, and then everything starts anew.
function localPath(specifier: string | undefined): string | undefined {
  if (!specifier?.startsWith("file:") || specifier.startsWith(ownFolder.href)) return undefined;
  if (specifier.includes("/node_modules/")) return undefined;
  try {
    return fileURLToPath(specifier);
  } catch {
    return undefined; // Anything may stand in an import, such as a '%' that is no escape.
  }
}
