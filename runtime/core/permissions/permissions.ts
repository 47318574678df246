import { resolve } from "node:path";
import { isBelow } from "../is_below.ts";
import type { PermissionOptions } from "../api/options.ts";
import { parseEndpoint, type PermissionKind, permissionKinds } from "./permission_entries.ts";
import { purposeOf } from "./variables.ts";

/** How far a file may go in what it asks for. */
export interface Bounds {
  /** What the operator allows, whole. Without it: `net`, `env` by name, and `read` inside the functions folder. */
  readonly ceiling?: PermissionOptions;
  /** The functions folder. */
  readonly folder: string;
  /** What relative paths are taken from. */
  readonly cwd: string;
  /** Where an absolute path leads once its links are followed, whether or not it exists. */
  readonly realPath: (path: string) => string;
}

/** One thing that is asked for: an entry of a list, or `true` for any. */
export type Asked = string | true;

/** What is asked for beyond the bounds; `{}` if all is within. */
export function beyond(asked: PermissionOptions, bounds: Bounds): PermissionOptions {
  return fromEntries(
    permissionKinds.map((kind) => [kind, askedOf(asked, kind).filter((one) => !allows(bounds, kind, one))]),
  );
}

/** Whether a file may ask for it. */
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

/** Whether a path is another or lies below it, compared name by name and with links followed. */
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

/** An entry as Deno is given it: paths are absolute. */
export function absolute(kind: PermissionKind, entry: string, cwd: string): string {
  const isPath = kind === "run" ? !isProgramName(entry) : !["net", "env", "sys"].includes(kind);
  return isPath ? resolve(cwd, entry) : entry;
}

/** Whether a program is named, for PATH to say where it is. */
export function isProgramName(entry: string): boolean {
  return !entry.includes("/");
}

/** Permissions with those added that they do not have yet. */
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

/** What is asked for of one kind, one by one. */
export function askedOf(permissions: PermissionOptions, kind: PermissionKind): readonly Asked[] {
  const grant = permissions[kind];
  return grant === true ? [true] : grant || [];
}

/** Permissions as one would write them: `{ net: ["api.example:443"], read: true }`. */
export function written(permissions: PermissionOptions): string {
  const parts = permissionKinds.filter((kind) => askedOf(permissions, kind).length > 0)
    .map((kind) => `${kind}: ${writtenGrant(permissions, kind)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

/** What is asked for of one kind as one would write it. */
export function writtenGrant(permissions: PermissionOptions, kind: PermissionKind): string {
  const asked = askedOf(permissions, kind);
  return asked.includes(true) ? "true" : `[${asked.map((one) => JSON.stringify(one)).join(", ")}]`;
}

/** What the operator writes in deploy.config.ts so that a function may ask for `asked` as well. */
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
