import { globMatches } from "./glob.ts";
import type { Config, Override, PermissionOptions } from "../api/options.ts";
import { type Layer, said } from "./settings.ts";

/**
 * The layers of one function's settings, the weakest first: `defaults`, the file's own options, then every entry of
 * `functions` that matches its name: globs in the order they were written, the exact name last. `permissions` come
 * only from the file; those of the operator are a limit. The operator's `use` is called `middleware`: the file's is
 * inside of it, and not in its place.
 */
export function layersOf(name: string, options: Layer, config: Config): Layer[] {
  const [defaults, ...overrides] = operatorsOf(name, config).map((
    { permissions: _ceiling, use: middleware, ...layer },
  ) => middleware === undefined ? layer : { ...layer, middleware });
  return [defaults, options, ...overrides] as Layer[];
}

/** Who set each setting of a function, by its name. A setting that is not named has its default. */
export type Origins = Readonly<Record<string, string>>;

/** Which layer decided each setting: `file`, or the place in deploy.config.ts. */
export function originsOf(name: string, options: Layer, config: Config): Origins {
  const entries = entriesOf(name, config);
  const names = ["defaults", ...entries.map(([glob]) => `functions[${JSON.stringify(glob)}]`)];
  const [defaults, ...overrides] = names.map((place) => `deploy.config.ts: ${place}`);
  const places = [defaults!, "file", ...overrides];
  const origins: Record<string, string> = {};
  for (const [index, layer] of layersOf(name, options, config).entries()) {
    for (const setting of Object.keys(said(layer))) origins[setting] = places[index]!;
  }
  return origins;
}

/** The most that a function's file may ask for: the last `permissions` that match it; `undefined` if none does. */
export function ceilingOf(name: string, config: Config): PermissionOptions | undefined {
  return operatorsOf(name, config).findLast(({ permissions }) => permissions !== undefined)?.permissions;
}

// The weakest first. The first one is always `defaults`, even if it is empty.
function operatorsOf(name: string, config: Config): Override[] {
  return [config.defaults ?? {}, ...entriesOf(name, config).map(([, override]) => override)];
}

/** The entries of `functions` that match: globs in the order they were written, the exact name last. */
function entriesOf(name: string, { functions = {} }: Config): [glob: string, Override][] {
  const entries = Object.entries(functions).filter(([glob]) => globMatches(glob, name));
  const globs = entries.filter(([glob]) => glob !== name);
  const exact = entries.filter(([glob]) => glob === name);
  return [...globs, ...exact];
}
