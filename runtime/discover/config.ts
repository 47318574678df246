import { dirname, resolve as resolvePath } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { describeError, HopperError } from "../core/api/errors.ts";
import { findIssues } from "../core/settings/explain.ts";
import type { Config } from "../core/api/options.ts";
import { knownHttpKeys } from "../core/settings/http_settings.ts";
import { knownSettings } from "../core/settings/describe_settings.ts";
import { configSchema } from "../core/settings/settings.ts";
import { placeUses } from "../core/settings/use_paths.ts";

/** deploy.config.ts cannot be used; the message says which key, why, and what is allowed. */
export class ConfigError extends HopperError {
  /** `message` begins with the file's name. */
  constructor(message: string, options?: ErrorOptions) {
    super("CONFIG", message, options);
  }
}

const topLevel = Object.keys(configSchema.shape);

/** Where the config file is. */
export function configPath(file?: string): string {
  return resolvePath(file ?? "deploy.config.ts");
}

/** Reads `deploy.config.ts` or the named file, again for each new `version`. Without a `deploy.config.ts` all is default. */
export async function loadConfig(file?: string, version = 0): Promise<Config> {
  const path = configPath(file);
  if (!(await exists(path))) {
    if (file === undefined) return {};
    throw new ConfigError(`No config file at '${file}'`);
  }
  const shown = file ?? "deploy.config.ts";
  let module: { default?: unknown };
  try {
    // Deno loads a module once; with another address it loads the file again.
    const { href } = pathToFileURL(path);
    module = await import(version === 0 ? href : `${href}?v=${version}`);
  } catch (error) {
    throw new ConfigError(`${shown} fails to load: ${whyItFails(error)}`, { cause: error });
  }
  if (module.default === undefined) {
    throw new ConfigError(`${shown} has no default export; write: export default defineConfig({ … })`);
  }
  const folder = dirname(path);
  return placeUses(checkConfig(module.default, shown), (module) => resolvePath(folder, module));
}

// Deno proposes the package `hopper` of npm, which is another's.
function whyItFails(error: unknown): string {
  const told = stripVTControlCharacters(describeError(error));
  if (!told.includes('Import "hopper"')) return told;
  const fix = `write in deno.json: "imports": { "hopper": "npm:@hopper/hopper" }, as 'hopper init' does`;
  return `${told.split("\n", 1)[0]}; ${fix}`;
}

/** Checks a config object. Throws `ConfigError` naming every wrong key, where it is and what is allowed there. */
export function checkConfig(value: unknown, shown: string): Config {
  const issues = findIssues(configSchema, value, knownAt);
  if (issues.length === 0) return value as Config;
  const lines = issues.map(({ path, message }) => {
    const allowed = knownAt(path.slice(0, -1));
    const isKnown = path.length === 0 || allowed.length === 0 || allowed.includes(path.at(-1)!);
    return `${shown}: ${message}${isKnown ? "" : `; allowed: ${allowed.join(", ")}`}`;
  });
  throw new ConfigError(lines.join("\n"));
}

function knownAt(path: readonly string[]): readonly string[] {
  if (path.length === 0) return topLevel;
  if (path[0] === "http") return knownHttpKeys(path.slice(1));
  if (path[0] === "defaults") return knownSettings(path.slice(1), "operator");
  if (path[0] === "functions" && path.length > 1) return knownSettings(path.slice(2), "operator");
  return [];
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
