import { statSync } from "node:fs";
import { dirname, join } from "node:path";

/** The path of the deno.json, or deno.jsonc, of a folder or of the nearest one above it; `undefined` where none is. */
export function nearestConfig(folder: string): string | undefined {
  const config = configIn(folder);
  const above = dirname(folder);
  return config !== undefined || above === folder ? config : nearestConfig(above);
}

/** The path of a folder's own deno.json, or deno.jsonc. */
export function configIn(folder: string): string | undefined {
  return ["deno.json", "deno.jsonc"].map((name) => join(folder, name)).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // It is not there, or nobody here may look.
  }
}
