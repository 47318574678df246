import { globMatches } from "./glob.ts";
import type { Config, Override, PermissionOptions } from "../api/options.ts";
import type { Layer } from "./settings.ts";

/**
 * The layers of one function's settings, lowest first: `defaults`, the file's own options, then every entry of
 * `functions` that fits its name: globs in the order they were written, its exact name last. Of `permissions` the
 * file alone speaks; what an operator says there is a ceiling.
 */
export function layersOf(name: string, options: Layer, config: Config): Layer[] {
  const [defaults, ...overrides] = operatorsOf(name, config).map(({ permissions: _ceiling, ...layer }) =>
    layer
  );
  return [defaults, options, ...overrides] as Layer[];
}

/** The most that a function's file may ask for, said whole by the last entry that says any; nothing if none does. */
export function ceilingOf(name: string, config: Config): PermissionOptions | undefined {
  return operatorsOf(name, config).findLast(({ permissions }) => permissions !== undefined)?.permissions;
}

// Lowest first, and `defaults` even if there are none.
function operatorsOf(name: string, { defaults = {}, functions = {} }: Config): Override[] {
  const entries = Object.entries(functions).filter(([glob]) => globMatches(glob, name));
  const globs = entries.filter(([glob]) => glob !== name);
  const exact = entries.filter(([glob]) => glob === name);
  return [defaults, ...[...globs, ...exact].map(([, override]) => override)];
}
