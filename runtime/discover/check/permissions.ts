import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PermissionOptions } from "../../core/api/options.ts";
import { ownFolder } from "../../core/own_files.ts";
import { type PermissionKind, permissionKinds } from "../../core/permissions/permission_entries.ts";
import {
  absolute,
  type Asked,
  askedOf,
  beyond,
  type Bounds,
  covers,
  isInside,
  isProgramName,
  operatorsWord,
  writtenGrant,
} from "../../core/permissions/permissions.ts";
import { purposeOf } from "../../core/permissions/variables.ts";
import type { TriggerFault } from "./trigger.ts";

/** What is wrong with one kind of permission that a file asks for. */
export interface PermissionFault extends TriggerFault {
  readonly kind: PermissionKind;
}

/** What the function `name` asks for and may not have, or could not use; nothing if it may have all of it. */
export function checkPermissions(
  name: string,
  asked: PermissionOptions,
  bounds: Bounds,
): PermissionFault[] {
  const steers = steering(asked);
  if (steers.length > 0) return steers;
  const refused = beyond(asked, bounds);
  const fix = `remove it, or write in deploy.config.ts: ${operatorsWord(name, asked, bounds)}`;
  const faults = permissionKinds.filter((kind) => askedOf(refused, kind).length > 0).map((kind) => ({
    kind,
    message: `Option 'permissions.${kind}': the file may not ask for ${writtenGrant(refused, kind)}: ${
      reason(kind, askedOf(refused, kind), bounds)
    }`,
    fix,
  }));
  return faults.length > 0 ? faults : [...withoutPath(asked, bounds), ...withComma(asked, bounds)];
}

// These are not safe even where the operator grants them.
function steering(asked: PermissionOptions): PermissionFault[] {
  return askedOf(asked, "env").filter((one) => one !== true && purposeOf(one) === "steers").map((one) => ({
    kind: "env",
    message: `Option 'permissions.env': "${one}" steers the process itself and is given to no function`,
    fix: "remove it; give the function's own variables other names",
  }));
}

function reason(kind: PermissionKind, refused: readonly Asked[], { ceiling }: Bounds): string {
  if (ceiling !== undefined) {
    return askedOf(ceiling, kind).length === 0
      ? `deploy.config.ts allows it no '${kind}'`
      : `deploy.config.ts allows it no more than ${kind}: ${writtenGrant(ceiling, kind)}`;
  }
  const reserved: Partial<Record<PermissionKind, string>> = {
    net: "a unix socket",
    env: aboutVariable(refused[0]),
    read: "reading outside the functions folder",
  };
  return `${reserved[kind] ?? `'${kind}'`} must be granted in deploy.config.ts`;
}

function aboutVariable(entry: Asked | undefined): string {
  switch (typeof entry === "string" ? purposeOf(entry) : undefined) {
    case "broker":
      return `"${entry}" holds the broker's password, functions send by ctx.send, ctx.publish and ctx.call, and it`;
    case "routes":
      return `"${entry}" decides where the function connects, and`;
    default:
      return "a pattern of variables";
  }
}

function withoutPath(asked: PermissionOptions, bounds: Bounds): PermissionFault[] {
  const named = askedOf(asked, "run").find((program) => program !== true && isProgramName(program));
  if (named === undefined || covers(asked, "env", "PATH", bounds)) return [];
  return [{
    kind: "run",
    message: `Option 'permissions.run': "${named}" is looked up in PATH, which the file does not ask for`,
    fix: `write the program's path, or also: env: ["PATH"]`,
  }];
}

// Deno has no escape for a comma, and the folder that a relative path is taken from may have one.
function withComma(asked: PermissionOptions, { cwd }: Bounds): PermissionFault[] {
  return permissionKinds.flatMap((kind) => {
    const paths = askedOf(asked, kind).map((one) => one === true ? "" : absolute(kind, one, cwd));
    const path = paths.find((path) => path.includes(","));
    if (path === undefined) return [];
    const message = `Option 'permissions.${kind}': "${path}" has a comma, which Deno cannot take in a path`;
    return [{ kind, message, fix: "rename the folder" }];
  });
}

/** A notice for a function whose permissions let it undo its isolation; nothing for others. */
export function isolationNotice(
  file: string,
  permissions: PermissionOptions,
  bounds: Bounds,
): string | undefined {
  const kinds = (["run", "ffi", "write"] as const).filter((kind) =>
    kind === "write" ? writesWhatRuns(permissions, bounds) : askedOf(permissions, kind).length > 0
  );
  if (kinds.length === 0) return undefined;
  const told = kinds.map((kind) => `${kind}: ${writtenGrant(permissions, kind)}`).join(", ");
  return `${file} can undo its isolation, as deploy.config.ts allows it ${told}`;
}

function writesWhatRuns(permissions: PermissionOptions, bounds: Bounds): boolean {
  const { folder, cwd } = bounds;
  const run = [
    folder,
    ...runtimeFolder(),
    ...["deploy.config.ts", "deno.json"].map((name) => join(cwd, name)),
  ];
  return askedOf(permissions, "write").some((path) =>
    path === true || run.some((vital) => isInside(path, vital, bounds) || isInside(vital, path, bounds))
  );
}

function runtimeFolder(): string[] {
  return ownFolder.protocol === "file:" ? [fileURLToPath(ownFolder)] : [];
}
