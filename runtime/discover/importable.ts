import { basename, relative, sep } from "node:path";
import { isBelow } from "../core/is_below.ts";
import { realPath } from "../core/permissions/links.ts";
import type { Project } from "./project.ts";

/** What a function may import: files of the project, but for those that are nobody's code. */
export interface Importable {
  readonly project: Project;
  /** Files that hold what no function is to know, such as deploy.config.ts; by absolute path. */
  readonly secret: readonly string[];
}

/**
 * Whether a function may import a file, and its process read it: one below the project's folder, with no name on the
 * way that begins with `.`. A link has to lead to such a file, or to one in the functions folder, where a ConfigMap
 * keeps its versions under names that begin with `..`.
 */
export function mayImport(path: string, { project, secret }: Importable): boolean {
  const { folder, root } = project;
  if (!isOpen(path, isBelow(path, folder) ? folder : root)) return false;
  const real = realPath(path);
  if (secret.some((file) => realPath(file) === real)) return false;
  return real === path || isBelow(real, realPath(folder)) || isOpen(real, realPath(root));
}

function isOpen(path: string, root: string): boolean {
  if (!isBelow(path, root) || basename(path).startsWith("deploy.config.")) return false;
  return !relative(root, path).split(sep).some((name) => name.startsWith("."));
}
