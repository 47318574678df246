import type { FileProblem, FunctionFile } from "../../core/declared.ts";
import { aboutNativeCode, nativePermissions } from "../../core/permissions/native_code.ts";
import { written } from "../../core/permissions/permissions.ts";
import type { LoadedThere } from "../process/load_into.ts";
import type { Failed, Lendable, Lent } from "./lent.ts";
import type { NativeAddon } from "./native_addon.ts";

/** The problem, with the variables that the file looks for, as one of them may be what is missing. */
export function toldWhatItLooksFor(
  loaded: Failed,
  { values }: Lent,
  names: readonly string[],
  lendable: Lendable,
): LoadedThere {
  if (names.length === 0) return loaded;
  const { problem } = loaded;
  const env = written({ env: [...Object.keys(values), ...names] });
  const missing = names.filter((name) => lendable.env(name) === undefined).join(", ");
  const fix =
    `${problem.fix}; while loading it looks for variables that are not set (${missing}): if it needs one, ` +
    `set it for the runtime and write in the file: permissions: ${env}`;
  return { ...loaded, problem: { ...problem, fix } };
}

/** The problem, with all that is needed for its package's native code. */
export function toldOfNativeCode(
  loaded: Failed,
  { name, isThere }: NativeAddon,
  lendable: Lendable,
): LoadedThere {
  const { problem } = loaded;
  const word = lendable.operatorsWord(nativePermissions);
  const steps = [
    `write in the file: permissions: ${written(nativePermissions)}`,
    ...word === undefined ? [] : [`in deploy.config.ts: ${word}`],
    ...isThere
      ? []
      : [`in deno.json: "nodeModulesDir": "manual"; and run: deno install --allow-scripts=npm:${name}`],
  ];
  const message = `The package '${name}' has native code, which needs permissions` +
    `${isThere ? "" : " and its install script"}: ${problem.message}`;
  return { ...loaded, problem: { ...problem, message, fix: `${steps.join("; ")}; ${aboutNativeCode}` } };
}

/** The problem that packages are missing; it is the only one where the file does not load without them. */
export function unfetched({ file }: FunctionFile, loaded: LoadedThere, why: string): LoadedThere {
  const place = loaded.kind === "problem" ? loaded.problem : loaded.place;
  const problem: FileProblem = {
    file,
    line: place.line,
    column: place.column,
    message: `Its packages could not be fetched: ${why.replace(/\s*\n\s*(?:\d+: )?/g, ": ")}`,
    fix: "check the name and version, and whether the registry can be reached; then save the file again",
  };
  return { kind: "problem", problem, through: [], asked: loaded.asked, packages: loaded.packages };
}
