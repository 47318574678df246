import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The deno.json that a folder's files are read with: the nearest one above it, else Hopper's own, whose import map
 * knows `hopper`.
 */
export async function projectConfig(folder: string): Promise<string | undefined> {
  for (let at = folder;; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = join(at, name);
      if (await isFile(path)) return path;
    }
    if (at === dirname(at)) break;
  }
  const own = new URL("../../deno.json", import.meta.url);
  return own.protocol === "file:" && await isFile(fileURLToPath(own)) ? fileURLToPath(own) : undefined;
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}
