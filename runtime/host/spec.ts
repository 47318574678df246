import type { Declared } from "../core/declared.ts";
import { environmentFor, permissionFlags } from "./flags.ts";
import type { OffLimits } from "./off_limits.ts";
import type { ProcessSpec } from "./spawn.ts";

/** Whether a function reads files or folders that it names. */
export function readsByName({ settings: { permissions } }: Pick<Declared, "settings">): boolean {
  return Array.isArray(permissions.read) && permissions.read.length > 0;
}

/** What a function's process may do and have; `links` lead out of what it may read. */
export async function specOf(
  { settings, bounds }: Declared,
  offLimits: OffLimits,
  links: readonly string[],
): Promise<ProcessSpec> {
  const { permissions, memory } = settings;
  const { cwd } = bounds;
  return {
    permissions: permissionFlags(permissions, {
      cwd,
      linksOut: links,
      offLimits: permissions.net ? await offLimits.entriesFor(bounds) : [],
    }),
    env: environmentFor(permissions, Deno.env.toObject()),
    memory: megabytes(memory),
  };
}

function megabytes(memory: string): number {
  const amount = Number.parseInt(memory);
  return memory.endsWith("GB") ? amount * 1024 : amount;
}
