import type { Declared } from "../../core/declared.ts";
import { environmentFor, permissionFlags } from "./permission_flags.ts";
import type { OffLimits } from "./off_limits.ts";
import type { ProcessSpec } from "./spawn.ts";

const defaultMegabytes = 128;

/** Whether a function reads files or folders that it names. */
export function readsByName({ settings: { permissions } }: Pick<Declared, "settings">): boolean {
  return Array.isArray(permissions.read) && permissions.read.length > 0;
}

/** What is to be known of a function's surroundings when its process is started. */
export interface Surroundings {
  /** The files that it is made of, by absolute path. */
  readonly modules: readonly string[];
  readonly offLimits: OffLimits;
  /** Links that lead out of what it may read. */
  readonly links: readonly string[];
}

/** What a function's process may do and have. */
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

/** What the process of a function with every default may do and have. */
export function plainSpec(modules: readonly string[]): ProcessSpec {
  const permissions = permissionFlags({}, { cwd: "/", code: modules });
  return { program: "function", permissions, env: {}, memory: defaultMegabytes };
}

/** The setting `memory` in megabytes. */
export function megabytes(memory: string): number {
  const amount = Number.parseInt(memory);
  return memory.endsWith("GB") ? amount * 1024 : amount;
}
