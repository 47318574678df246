import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ownFolder } from "../own_files.ts";

/**
 * The first frame of a stack in the project's own files, such as `functions/mail.ts:12:5`. Frames of packages, of Deno
 * and of the runtime do not count. `folder` is the functions folder. Paths below `cwd` are shown relative to it.
 */
export function ownLine(stack: string | undefined, folder: string, cwd: string): string | undefined {
  if (typeof stack !== "string") return undefined;
  for (
    const [, url, place] of stack.matchAll(/ at (?:async )?(?:.*?\()?(file:\/\/\/[^()\n]+?)(:\d+:\d+)\)?$/gm)
  ) {
    if (url!.startsWith(ownFolder.href)) continue;
    const path = pathOf(url!);
    if (path === undefined || path.includes(`${sep}node_modules${sep}`)) continue;
    const below = relative(cwd, path);
    const isBelow = !below.startsWith("..");
    if (isBelow) return below + place;
    if (!relative(folder, path).startsWith("..")) return join(folder, relative(folder, path)) + place;
  }
}

function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
