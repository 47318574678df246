import type { FunctionFile } from "../core/declared.ts";
import { globMatches } from "../core/settings/glob.ts";
import { layersOf } from "../core/settings/layers.ts";
import type { Config } from "../core/api/options.ts";
import { resolve } from "../core/settings/settings.ts";
import { didYouMean } from "../core/text/suggest.ts";

/** The part of a folder that a runtime serves: names of functions or globs. */
export interface Selection {
  /** None but these; all, where there is none. */
  readonly only: readonly string[];
  readonly except: readonly string[];
}

/** All of a folder. */
export const everything: Selection = { only: [], except: [] };

/** The files to serve, and what an operator should know of the others. */
export interface Selected {
  readonly files: readonly FunctionFile[];
  readonly notices: readonly string[];
}

/** The files that the command line selects and deploy.config.ts does not switch off. */
export function select(files: readonly FunctionFile[], selection: Selection, config: Config): Selected {
  const { only, except } = selection;
  const names = files.map(({ name }) => name);
  const meant = files.filter(({ name }) =>
    (only.length === 0 || matches(only, name)) && !matches(except, name)
  );
  const off = meant.filter(({ name }) => !isEnabled(name, config));
  return {
    files: meant.filter((file) => !off.includes(file)),
    notices: [
      ...unmatched("--only", only, names),
      ...unmatched("--except", except, names),
      ...off.map(({ name }) => `deploy.config.ts switches '${name}' off: enabled is false`),
    ],
  };
}

function matches(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => globMatches(glob, name));
}

// Only the operator says so: the file need not be read.
function isEnabled(name: string, config: Config): boolean {
  return resolve(...layersOf(name, {}, config)).enabled;
}

function unmatched(flag: string, globs: readonly string[], names: readonly string[]): string[] {
  return globs.filter((glob) => !names.some((name) => globMatches(glob, name)))
    .map((glob) => `${flag} '${glob}' matches no function${didYouMean(glob, names)}`);
}
