import { basename, dirname, join, relative, resolve } from "node:path";
import { isBelow } from "../is_below.ts";

// The kernel's own limit for links in one path.
const maxLinks = 40;

/**
 * Where an absolute path leads, with links followed. The part that does not exist yet stays as it is written. A link
 * whose target does not exist yet is followed too.
 */
export function realPath(path: string, links = maxLinks): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    const above = dirname(path);
    if (above === path || links === 0) return path;
    const real = join(realPath(above, links), basename(path));
    const target = linkTarget(real);
    return target === undefined ? real : realPath(resolve(dirname(real), target), links - 1);
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}

/**
 * The links below a folder that lead out of it, directly or through other links. Deno follows a link to anywhere if its
 * own place may be read, so a process that may read the folder must be denied these. Each link is listed twice: below
 * the folder as it was named, and below its real path. Rejects if the folder cannot be read.
 */
export async function linksOut(folder: string): Promise<string[]> {
  return (await lookAtLinks(folder)).out;
}

/** The same as {@linkcode linksOut}, together with every folder it looked into. */
export async function lookAtLinks(folder: string): Promise<{ out: string[]; folders: string[] }> {
  const root = await Deno.realPath(folder);
  const links = new Map<string, string>();
  const folders: string[] = [];
  const walk = async (inside: string) => {
    folders.push(inside);
    for await (const entry of Deno.readDir(inside)) {
      const path = join(inside, entry.name);
      if (entry.isDirectory) await walk(path);
      else if (entry.isSymlink) links.set(path, realPath(path));
    }
  };
  await walk(root);

  const leave = new Set<string>();
  const leaves = (target: string) =>
    !isBelow(target, root) || [...leave].some((link) => isBelow(link, target));
  for (let before = -1; before < leave.size;) {
    before = leave.size;
    for (const [link, target] of links) if (leaves(target)) leave.add(link);
  }
  const below = (top: string) => [...leave].map((link) => join(top, relative(root, link)));
  return { out: [...new Set([...below(resolve(folder)), ...below(root)])].sort(), folders };
}
