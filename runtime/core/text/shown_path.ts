import { relative } from "node:path";

/** A path as people are shown it: from the current folder, if it is below that. */
export function shownPath(path: string): string {
  const fromHere = relative(Deno.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere || ".";
}
