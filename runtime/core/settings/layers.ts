import { globMatches } from "./glob.ts";
import type { Config, Override, PermissionOptions } from "../api/options.ts";
import type { Layer } from "./settings.ts";

/**
 * The layers of one function's settings, the weakest first: `defaults`, the file's own options, then every entry of
 * `functions` that matches its name: globs in the order they were written, the exact name last. `permissions` come
 * only from the file; those of the operator are a limit.
 */
export function layersOf(name: string, options: Layer, config: Config): Layer[] {
  const [defaults, ...overrides] = operatorsOf(name, config).map(({ permissions: _ceiling, ...layer }) =>
    layer
  );
  return [defaults, options, ...overrides] as Layer[];
}

/** The most that a function's file may ask for: the last `permissions` that match it; `undefined` if none does. */
export function ceilingOf(name: string, config: Config): PermissionOptions | undefined {
  return operatorsOf(name, config).findLast(({ permissions }) => permissions !== undefined)?.permissions;
}

// The weakest first. The first one is always `defaults`, even if it is empty.
function operatorsOf(name: string, { defaults = {}, functions = {} }: Config): Override[] {
  const entries = Object.entries(functions).filter(([glob]) => globMatches(glob, name));
  const globs = entries.filter(([glob]) => glob !== name);
  const exact = entries.filter(([glob]) => glob === name);
  return [defaults, ...[...globs, ...exact].map(([, override]) => override)];
}
