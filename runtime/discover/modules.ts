import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { describeError, HopperError } from "../core/errors.ts";

/** How imports are read. */
export interface ModuleOptions {
  /** The project's deno.json, whose import map counts. Without one only paths and URLs are understood. */
  readonly config?: string;
  /** Breaks it off. */
  readonly signal?: AbortSignal;
}

/** Deno could not say what files import; the message says why. */
export class ModulesUnreadable extends HopperError {
  /** `why` completes the sentence. */
  constructor(why: string, options?: ErrorOptions) {
    super("MODULES_UNREADABLE", `What the function files import cannot be read: ${why}`, options);
  }
}

/** What a local module imports directly, by absolute path. */
export type Modules = ReadonlyMap<string, readonly string[]>;

// It takes a tenth of a second for 1,000 files.
const budget = 30_000;

/**
 * Reads the local modules that files import, directly and by way of each other, as Deno itself resolves them; no code
 * runs and nothing is fetched. What cannot be parsed or is missing imports nothing. Rejects with `ModulesUnreadable`.
 */
export async function readModules(files: readonly string[], options: ModuleOptions = {}): Promise<Modules> {
  const entry = await Deno.makeTempFile({ prefix: "hopper-imports-", suffix: ".ts" });
  try {
    const imports = files.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`);
    await Deno.writeTextFile(entry, imports.join(""));
    return localModules(await denoInfo(entry, options));
  } finally {
    await Deno.remove(entry);
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

async function denoInfo(entry: string, { config, signal }: ModuleOptions): Promise<Info> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), budget);
  const configured = config === undefined ? ["--no-config"] : ["--config", config];
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--no-remote", "--no-npm", "--no-lock", ...configured, entry],
      stdin: "null",
      signal: AbortSignal.any([late.signal, ...signal ? [signal] : []]),
    }).output();
    if (late.signal.aborted) throw new Error(`Deno did not answer within ${budget / 1000} s`);
    signal?.throwIfAborted();
    if (!success) throw new Error(said(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } catch (error) {
    throw new ModulesUnreadable(error instanceof Error ? error.message : describeError(error), {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

function said(stderr: Uint8Array): string {
  const text = stripVTControlCharacters(new TextDecoder().decode(stderr)).trim();
  return text.replace(/^error: /, "").split("\n", 1)[0] || "Deno does not say why";
}

function localModules({ modules }: Info): Modules {
  const local = modules.flatMap(({ specifier, dependencies = [] }) => {
    const path = localPath(specifier);
    const imported = dependencies.flatMap((
      { code, type },
    ) => [localPath(code?.specifier), localPath(type?.specifier)]);
    return path === undefined ? [] : [[path, imported.filter((path) => path !== undefined)] as const];
  });
  return new Map(local);
}

// What a function imports of Hopper changes with a new version of Hopper, and then everything starts anew.
const hopper = new URL("../", import.meta.url).href;

function localPath(specifier: string | undefined): string | undefined {
  if (!specifier?.startsWith("file:") || specifier.startsWith(hopper)) return undefined;
  if (specifier.includes("/node_modules/")) return undefined;
  try {
    return fileURLToPath(specifier);
  } catch {
    return undefined; // Anything may stand in an import, such as a '%' that is no escape.
  }
}
