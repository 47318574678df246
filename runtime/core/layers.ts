import { globMatches } from "./glob.ts";
import type { Config } from "./options.ts";
import type { Layer } from "./settings.ts";

/**
 * The layers of one function's settings, lowest first: `defaults`, the file's own options, then every entry of
 * `functions` that fits its name: globs in the order they were written, its exact name last.
 */
export function layersOf(name: string, options: Layer, config: Config): Layer[] {
  const entries = Object.entries(config.functions ?? {}).filter(([glob]) => globMatches(glob, name));
  const globs = entries.filter(([glob]) => glob !== name);
  const exact = entries.filter(([glob]) => glob === name);
  return [config.defaults ?? {}, options, ...[...globs, ...exact].map(([, override]) => override)] as Layer[];
}
