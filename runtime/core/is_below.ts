import { relative, sep } from "node:path";

/** Whether `path` is `folder` itself or something below it. Both are absolute; links are not followed. */
export function isBelow(path: string, folder: string): boolean {
  return !(relative(folder, path) + sep).startsWith(`..${sep}`);
}
