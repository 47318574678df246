import type { FileProblem } from "../core/declared.ts";
import type { PermissionOptions } from "../core/options.ts";
import { isPermissionEntry, type PermissionKind } from "../core/permission_entries.ts";
import { widen, written } from "../core/permissions.ts";
import { permissionFlags } from "./flags.ts";
import type { ProcessSpec } from "./spawn.ts";

/**
 * What a file that is read may be let do, as the environment is empty then, and nothing that it learns of the system gets
 * further than its declaration.
 */
const kinds = ["env", "sys"] as const;
type Kind = typeof kinds[number];

/** Of these, all there is. */
export const any: PermissionOptions = { env: ["*"], sys: true };

/** What a process that reads a file may do. */
export function harmless(permissions: PermissionOptions): ProcessSpec {
  return { permissions: permissionFlags(permissions, { cwd: "/" }), env: {}, memory: 128 };
}

/** Of what a file asks for, as it says it, what is harmless when it is read. */
export function harmlessIn(options: unknown): PermissionOptions {
  const { permissions } = record(options);
  return Object.fromEntries(kinds.flatMap((kind) => {
    const entries = record(permissions)[kind];
    if (entries === true) return [[kind, kind === "env" ? ["*"] : true]];
    const fit = Array.isArray(entries) ? entries.filter((entry) => isPermissionEntry(kind, entry)) : [];
    return fit.length === 0 ? [] : [[kind, fit]];
  }));
}

/** What was denied when a file was loaded, if it is harmless. */
export function deniedAtLoad({ message }: FileProblem): { kind: Kind; what: string | undefined } | undefined {
  const [, kind, what] = /NotCapable: Requires (env|sys) access(?: to "([^"]*)")?, run again/.exec(message) ??
    [];
  return kind === undefined ? undefined : { kind: kind as Kind, what };
}

/** The problem with the permission to ask for, if that is what it takes. */
export function whatToAsk(problem: FileProblem, asked: PermissionOptions): FileProblem {
  const denied = deniedAtLoad(problem);
  if (denied === undefined) return problem;
  const { kind, what } = denied;
  const entry = what !== undefined && isPermissionEntry(kind, what) ? [what] : kind === "env" ? ["*"] : true;
  const wider = widen(asked, { [kind]: entry }, () => false);
  return {
    ...problem,
    fix: `write in the file, beside what else it asks for: permissions: ${written(wider)}`,
  };
}

function record(value: unknown): Readonly<Partial<Record<PermissionKind | "permissions", unknown>>> {
  return typeof value === "object" && value !== null ? value : {};
}
