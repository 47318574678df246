import { basename, relative, sep } from "node:path";
import { isBelow } from "../../core/is_below.ts";
import { realPath } from "../../core/permissions/links.ts";
import type { Project } from "./project.ts";

/** Where a function may import files from. */
export interface Importable {
  readonly project: Project;
  /** Files that no function may import, such as deploy.config.ts; by absolute path. */
  readonly secret: readonly string[];
}

/**
 * Whether a function may import a file, and its process read it: the file lies below the project's folder, and no name
 * in its path begins with `.`. A link must lead to such a file, or to one in the functions folder, as a Kubernetes
 * ConfigMap keeps its files there in folders whose names begin with `..`.
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
