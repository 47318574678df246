import type { Declared } from "../core/declared.ts";
import { linksOut } from "../core/links.ts";
import { environmentFor, permissionFlags } from "./flags.ts";
import type { OffLimits } from "./off_limits.ts";
import type { ProcessSpec } from "./spawn.ts";

/** What a function's process may do and have. Rejects if the functions folder cannot be read, where it matters. */
export async function specOf({ settings, bounds }: Declared, offLimits: OffLimits): Promise<ProcessSpec> {
  const { permissions, memory } = settings;
  const { cwd, folder } = bounds;
  const reads = Array.isArray(permissions.read) && permissions.read.length > 0;
  const links = reads ? await linksOut(folder) : [];
  return {
    permissions: permissionFlags(permissions, {
      cwd,
      linksOut: links,
      offLimits: await offLimits.entriesFor(bounds),
    }),
    env: environmentFor(permissions, Deno.env.toObject()),
    memory: megabytes(memory),
  };
}

function megabytes(memory: string): number {
  const amount = Number.parseInt(memory);
  return memory.endsWith("GB") ? amount * 1024 : amount;
}
