import type { Declared } from "../core/declared.ts";
import { linksOut } from "../core/links.ts";
import { environmentFor, permissionFlags } from "./flags.ts";
import type { ProcessSpec } from "./spawn.ts";

/**
 * What a function's process may do and have, `modules` being the files that it is made of. Rejects if the functions
 * folder cannot be read, where it matters.
 */
export async function specOf(
  { settings, bounds }: Pick<Declared, "settings" | "bounds">,
  modules: readonly string[],
): Promise<ProcessSpec> {
  const { permissions, memory } = settings;
  const { cwd, folder } = bounds;
  const reads = Array.isArray(permissions.read) && permissions.read.length > 0;
  const links = reads ? await linksOut(folder) : [];
  return {
    program: "function",
    permissions: permissionFlags(permissions, { cwd, code: modules, linksOut: links }),
    env: environmentFor(permissions, Deno.env.toObject()),
    memory: megabytes(memory),
  };
}

function megabytes(memory: string): number {
  const amount = Number.parseInt(memory);
  return memory.endsWith("GB") ? amount * 1024 : amount;
}
