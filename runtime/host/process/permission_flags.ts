import { resolve } from "node:path";
import { HopperError } from "../../core/api/errors.ts";
import type { PermissionOptions } from "../../core/api/options.ts";
import { type PermissionKind, permissionKinds } from "../../core/permissions/permission_entries.ts";
import { absolute, askedOf, covers } from "../../core/permissions/permissions.ts";
import { purposeOf } from "../../core/permissions/variables.ts";

/** What a process needs besides its function's permissions. */
export interface ProcessPaths {
  /** The process's working directory, where relative paths start. */
  readonly cwd: string;
  /** The files of its own code, which it must read. */
  readonly code?: readonly string[];
  /** Links that it may not follow, because they lead out of what it may read. */
  readonly linksOut?: readonly string[];
  /** Where it may not connect, whatever network access it has. */
  readonly offLimits?: readonly string[];
}

/**
 * The arguments of `deno run` that grant a function's permissions and nothing else. Throws if a path has a comma,
 * for which Deno has no escape.
 */
export function permissionFlags(permissions: PermissionOptions, paths: ProcessPaths): string[] {
  const flags = permissionKinds.flatMap((kind) => {
    const entries = kind === "read"
      ? withCode(permissions, paths)
      : argumentsOf(permissions, kind, paths.cwd);
    return flag(`--allow-${kind}`, entries);
  });
  return [
    ...flags,
    ...flag("--deny-read", deniedLinks(permissions, paths)),
    ...deniedNet(permissions, paths),
  ];
}

/** The variables of `env` that a function's process gets: those in its permissions, except those that steer the process. */
export function environmentFor(
  permissions: PermissionOptions,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      covers(permissions, "env", name, noPaths) && purposeOf(name) !== "steers"
    ),
  );
}

const noPaths = { cwd: "/", realPath: (path: string) => path };

type Entries = true | readonly string[];

function argumentsOf(permissions: PermissionOptions, kind: PermissionKind, cwd: string): Entries {
  const entries: string[] = [];
  for (const one of askedOf(permissions, kind)) {
    if (one === true || (kind === "env" && one === "*")) return true;
    entries.push(absolute(kind, one, cwd));
  }
  return entries;
}

function withCode(permissions: PermissionOptions, { cwd, code = [] }: ProcessPaths): Entries {
  const asked = argumentsOf(permissions, "read", cwd);
  return asked === true || [...new Set([...code.map((path) => resolve(cwd, path)), ...asked])];
}

// A link that the file itself asks for is allowed: its target was checked.
function deniedLinks(permissions: PermissionOptions, { cwd, linksOut = [] }: ProcessPaths): string[] {
  const asked = argumentsOf(permissions, "read", cwd);
  return linksOut.filter((link) =>
    asked !== true && !asked.some((path) => path === link || path.startsWith(`${link}/`))
  );
}

// Without network access nothing must be denied. Then processes without permissions have equal flags and can be shared.
function deniedNet(permissions: PermissionOptions, { offLimits = [] }: ProcessPaths): string[] {
  return askedOf(permissions, "net").length === 0 ? [] : flag("--deny-net", offLimits);
}

// One argument may have at most 128 KiB on Linux, so entries are split over several flags, which Deno adds up.
const maxInFlag = 256;

function flag(name: string, entries: Entries): string[] {
  if (entries === true) return [name];
  const split = entries.find((entry) => entry.includes(","));
  if (split !== undefined) {
    throw new HopperError(
      "PERMISSIONS",
      `Deno cannot take a path with a comma, such as '${split}'; rename its folder`,
    );
  }
  const flags: string[] = [];
  for (let i = 0; i < entries.length; i += maxInFlag) {
    flags.push(`${name}=${entries.slice(i, i + maxInFlag).join(",")}`);
  }
  return flags;
}
