import type { FileProblem, FunctionFile } from "../../core/declared.ts";
import type { PermissionOptions } from "../../core/api/options.ts";
import { nativePermissions } from "../../core/permissions/native_code.ts";
import { isPermissionEntry, type PermissionKind } from "../../core/permissions/permission_entries.ts";
import { covers, widen, written } from "../../core/permissions/permissions.ts";
import type { LoadedThere } from "../process/load_into.ts";

/** What a file may be given while it is read, if it fails to load without it. */
export interface Lendable {
  /** The variables of the environment that its function may ask for. */
  env(name: string): string | undefined;
  /** What the operator has to write in deploy.config.ts so that the file may ask for this, if anything. */
  operatorsWord(asked: PermissionOptions): string | undefined;
}

/** What a file was given so that it loads. Its declaration has to ask for it. */
export interface Lent {
  readonly sys: true | readonly string[];
  readonly values: Readonly<Record<string, string>>;
  /** Whether it may load native code. */
  readonly native: boolean;
}

/** A file that does not load. */
export type Failed = LoadedThere & { readonly kind: "problem" };

const deniedSys = /NotCapable: Requires sys access(?: to "([^"]*)")?, run again/;

/** What to give a file that did not load: the fact of the system that it was denied, or the variables it looked for. */
export function lackOf(
  { problem, asked }: Failed,
  lent: Lent,
  lendable: Lendable,
): Lent | undefined {
  const { sys, values } = lent;
  const [denied, fact] = deniedSys.exec(problem.message) ?? [];
  if (denied !== undefined) {
    if (sys === true) return undefined;
    // Some facts are granted only together with all others.
    const isEntry = fact !== undefined && isPermissionEntry("sys", fact) && !sys.includes(fact);
    return { ...lent, sys: isEntry ? [...sys, fact] : true };
  }
  const more = asked.flatMap((name) => {
    const value = Object.hasOwn(values, name) ? undefined : lendable.env(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return more.length === 0 ? undefined : { ...lent, values: { ...values, ...Object.fromEntries(more) } };
}

/** The declaration, if it asks for what the file was given. */
export function asksForAll(
  { file }: FunctionFile,
  loaded: LoadedThere & { kind: "declaration" },
  { sys, values, native }: Lent,
  lendable: Lendable,
): LoadedThere {
  const asked = permissionsIn(loaded.declaration.options, native);
  const used = { sys, env: Object.keys(values), ...native && nativePermissions };
  const wider = widen(
    asked,
    used,
    (kind, one) => covers(asked, kind, one, { cwd: "/", realPath: (path) => path }),
  );
  if (written(wider) === written(asked)) return loaded;
  const facts = sys === true ? ["every fact of the system"] : sys;
  const names = [...facts, ...Object.keys(values)].map((name) => `'${name}'`);
  const needs = [...native ? ["native code"] : names].join(", ");
  const word = lendable.operatorsWord(wider);
  const problem: FileProblem = {
    file,
    ...loaded.place,
    message: `It fails to load without ${needs}, which it does not ask for`,
    fix: `write in the file: permissions: ${written(wider)}` +
      (word === undefined ? "" : `, and in deploy.config.ts: ${word}`),
  };
  return { kind: "problem", problem, through: [], asked: loaded.asked, packages: loaded.packages };
}

/** What a declaration asks for of what it may have been lent. */
function permissionsIn(options: unknown, native: boolean): PermissionOptions {
  const { permissions } = (options ?? {}) as { permissions?: unknown };
  const entries = (kind: PermissionKind) => {
    const asked = (permissions as Record<string, unknown> | undefined)?.[kind];
    if (asked === true) return true;
    return Array.isArray(asked) ? asked.filter((entry) => isPermissionEntry(kind, entry)) : [];
  };
  if (typeof permissions !== "object" || permissions === null) return {};
  const few = { sys: entries("sys"), env: entries("env") as string[] };
  return native ? { ...few, read: entries("read"), ffi: entries("ffi") } : few;
}

/** The variables that a file looked for while it was loaded, and was not given. */
export function unset({ asked, ...loaded }: LoadedThere, { values }: Lent): string[] {
  if (loaded.kind === "problem" && loaded.process !== undefined) return [];
  return asked.filter((name) =>
    isPermissionEntry("env", name) && !name.endsWith("*") && !/^(?:NODE|DENO)_/.test(name) &&
    !Object.hasOwn(values, name)
  );
}
