import type { Declared } from "../../core/declared.ts";
import { megabytes } from "../../core/settings/memory.ts";
import { environmentFor, permissionFlags } from "./permission_flags.ts";
import type { OffLimits } from "./off_limits.ts";
import type { ProcessSpec } from "./spawn.ts";

const defaultMegabytes = 128;

/** Whether a function may read certain files or folders. */
export function readsByName({ settings: { permissions } }: Pick<Declared, "settings">): boolean {
  return Array.isArray(permissions.read) && permissions.read.length > 0;
}

/** What must be known about a function's surroundings to start its process. */
export interface Surroundings {
  /** The absolute paths of its files. */
  readonly modules: readonly string[];
  readonly offLimits: OffLimits;
  /** Links that lead out of what it may read. */
  readonly links: readonly string[];
}

/** What a function's process may do, and how much memory it may use. */
export async function specOf(
  { settings, bounds }: Pick<Declared, "settings" | "bounds">,
  { modules, offLimits, links }: Surroundings,
): Promise<ProcessSpec> {
  const { permissions, memory } = settings;
  const { cwd } = bounds;
  return {
    program: "function",
    permissions: permissionFlags(permissions, {
      cwd,
      code: modules,
      linksOut: links,
      offLimits: permissions.net ? await offLimits.entriesFor(bounds) : [],
    }),
    env: environmentFor(permissions, Deno.env.toObject()),
    memory: megabytes(memory),
  };
}

/** The same for a function with default settings. */
export function plainSpec(modules: readonly string[]): ProcessSpec {
  const permissions = permissionFlags({}, { cwd: "/", code: modules });
  return { program: "function", permissions, env: {}, memory: defaultMegabytes };
}
