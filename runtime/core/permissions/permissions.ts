import { resolve } from "node:path";
import { isBelow } from "../is_below.ts";
import type { PermissionOptions } from "../api/options.ts";
import { parseEndpoint, type PermissionKind, permissionKinds } from "./permission_entries.ts";
import { purposeOf } from "./variables.ts";

/** What a file may ask for. */
export interface Bounds {
  /** All that the operator allows. If missing: `net`, `env` by name, and `read` inside the functions folder. */
  readonly ceiling?: PermissionOptions;
  /** The functions folder. */
  readonly folder: string;
  /** Where relative paths start. */
  readonly cwd: string;
  /** Follows the links in an absolute path, which need not exist. */
  readonly realPath: (path: string) => string;
}

/** One thing that is asked for: an entry of a list, or `true` for everything. */
export type Asked = string | true;

/** The part of what is asked for that is not allowed; `{}` if all is allowed. */
export function beyond(asked: PermissionOptions, bounds: Bounds): PermissionOptions {
  return fromEntries(
    permissionKinds.map((kind) => [kind, askedOf(asked, kind).filter((one) => !allows(bounds, kind, one))]),
  );
}

/** Whether a file may ask for this. */
export function allows(bounds: Bounds, kind: PermissionKind, asked: Asked): boolean {
  if (bounds.ceiling !== undefined) return covers(bounds.ceiling, kind, asked, bounds);
  if (kind === "net") return asked === true || parseEndpoint(asked)?.kind === "host";
  if (kind === "env") return asked !== true && !asked.endsWith("*") && purposeOf(asked) === undefined;
  return kind === "read" && asked !== true && isInside(asked, bounds.folder, bounds);
}

/** Whether permissions include what is asked for. */
export function covers(
  permissions: PermissionOptions,
  kind: PermissionKind,
  asked: Asked,
  paths: Pick<Bounds, "cwd" | "realPath">,
): boolean {
  return askedOf(permissions, kind).some((granted) =>
    granted === true || (asked !== true && includes[kind](granted, asked, paths))
  );
}

/** Whether `path` is `folder` or something below it, with links followed. */
export function isInside(path: string, folder: string, paths: Pick<Bounds, "cwd" | "realPath">): boolean {
  const real = (path: string) => paths.realPath(resolve(paths.cwd, path));
  return isBelow(real(path), real(folder));
}

type Includes = (granted: string, asked: string, paths: Pick<Bounds, "cwd" | "realPath">) => boolean;

const pathIncludes: Includes = (granted, asked, paths) => isInside(asked, granted, paths);

const includes: Readonly<Record<PermissionKind, Includes>> = {
  net: endpointIncludes,
  env: (granted, asked) => granted.endsWith("*") ? asked.startsWith(granted.slice(0, -1)) : granted === asked,
  read: pathIncludes,
  write: pathIncludes,
  run: (granted, asked, { cwd }) => absolute("run", granted, cwd) === absolute("run", asked, cwd),
  ffi: pathIncludes,
  sys: (granted, asked) => granted === asked,
};

function endpointIncludes(granted: string, asked: string): boolean {
  const outer = parseEndpoint(granted);
  const inner = parseEndpoint(asked);
  if (outer?.kind === "unix" && inner?.kind === "unix") return resolve(outer.path) === resolve(inner.path);
  if (outer?.kind !== "host" || inner?.kind !== "host") return false;
  if (outer.port !== undefined && outer.port !== inner.port) return false;
  if (outer.host === inner.host) return outer.below || !inner.below;
  return outer.below && inner.host.endsWith(`.${outer.host}`);
}

/** An entry as it is passed to Deno, with absolute paths. */
export function absolute(kind: PermissionKind, entry: string, cwd: string): string {
  const isPath = kind === "run" ? !isProgramName(entry) : !["net", "env", "sys"].includes(kind);
  return isPath ? resolve(cwd, entry) : entry;
}

/** Whether a program is given by name, to be found through PATH. */
export function isProgramName(entry: string): boolean {
  return !entry.includes("/");
}

/** The permissions, plus those of `more` that they do not have yet. */
export function widen(
  permissions: PermissionOptions,
  more: PermissionOptions,
  has: (kind: PermissionKind, asked: Asked) => boolean,
): PermissionOptions {
  return fromEntries(permissionKinds.map((kind) => {
    const added = askedOf(more, kind).filter((one) => !has(kind, one));
    return [kind, added.includes(true) ? [true] : [...askedOf(permissions, kind), ...added]];
  }));
}

/** The entries of one kind. */
export function askedOf(permissions: PermissionOptions, kind: PermissionKind): readonly Asked[] {
  const grant = permissions[kind];
  return grant === true ? [true] : grant || [];
}

/** Permissions as code: `{ net: ["api.example:443"], read: true }`. */
export function written(permissions: PermissionOptions): string {
  const parts = permissionKinds.filter((kind) => askedOf(permissions, kind).length > 0)
    .map((kind) => `${kind}: ${writtenGrant(permissions, kind)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

/** The entries of one kind as code. */
export function writtenGrant(permissions: PermissionOptions, kind: PermissionKind): string {
  const asked = askedOf(permissions, kind);
  return asked.includes(true) ? "true" : `[${asked.map((one) => JSON.stringify(one)).join(", ")}]`;
}

/** The line for deploy.config.ts that allows a function to ask for `asked` as well. */
export function operatorsWord(name: string, asked: PermissionOptions, bounds: Bounds): string {
  const { ceiling = {} } = bounds;
  const wider = widen(ceiling, asked, (kind, one) => covers(ceiling, kind, one, bounds));
  return `functions: { ${JSON.stringify(name)}: { permissions: ${written(wider)} } }`;
}

function fromEntries(kinds: readonly (readonly [PermissionKind, readonly Asked[]])[]): PermissionOptions {
  return Object.fromEntries(
    kinds.filter(([, asked]) => asked.length > 0).map((
      [kind, asked],
    ) => [kind, asked[0] === true ? true : asked]),
  );
}
