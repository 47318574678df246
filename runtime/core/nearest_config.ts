import { statSync } from "node:fs";
import { dirname, join } from "node:path";

/** The path of the deno.json, or deno.jsonc, of a folder or of the nearest one above it; `undefined` where none is. */
export function nearestConfig(folder: string): string | undefined {
  for (const name of ["deno.json", "deno.jsonc"]) {
    const path = join(folder, name);
    if (isFile(path)) return path;
  }
  const above = dirname(folder);
  return above === folder ? undefined : nearestConfig(above);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // It is not there, or nobody here may look.
  }
}
