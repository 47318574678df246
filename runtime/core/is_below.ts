import { relative, sep } from "node:path";

/** Whether an absolute path is a folder or lies below it, name by name. */
export function isBelow(path: string, folder: string): boolean {
  return !(relative(folder, path) + sep).startsWith(`..${sep}`);
}
