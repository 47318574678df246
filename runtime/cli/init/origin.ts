import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ownFolder, ownModules, ownPrograms } from "../../core/own_files.ts";
import { quoted } from "../started_as.ts";

/** How a project names the Hopper that made it. */
export interface Origin {
  /** For deno.json: where `hopper`, `hopper/client` and `hopper/testing` are. */
  readonly imports: Readonly<Record<string, string>>;
  /** What stands before a command in a task of deno.json. */
  readonly command: string;
}

/**
 * How deno.json of a project in `folder` names Hopper: as a package of npm, unless it is one of a node_modules that the
 * project has above it, or none that a registry has; then by its path.
 */
export async function originFor(folder: string, version: string): Promise<Origin> {
  const own = fileURLToPath(ownFolder);
  const above = isAbove(folder, own);
  if (above || !await isOfRegistry(own, version)) return byPath(folder, above);
  const name = `npm:@hopper/hopper@^${version}`;
  const imports = Object.keys(ownModules).map((module) => [module, module.replace("hopper", name)]);
  return { imports: Object.fromEntries(imports), command: `deno run -A ${name}` };
}

const inModules = `${sep}node_modules${sep}`;

function isAbove(folder: string, own: string): boolean {
  const [owner] = own.split(inModules, 1);
  return own.includes(inModules) && !relative(owner!, folder).startsWith("..");
}

/** Whether Deno or npm have it from a registry, and not from a file: both note that. */
async function isOfRegistry(own: string, version: string): Promise<boolean> {
  // Deno's cache
  if (own.endsWith(join("@hopper", "hopper", version) + sep)) return true;
  if (!own.includes(inModules)) return false;
  try {
    const modules = own.slice(0, own.lastIndexOf(inModules) + inModules.length);
    const { packages } = JSON.parse(await Deno.readTextFile(join(modules, ".package-lock.json")));
    return /^https?:/.test(packages["node_modules/@hopper/hopper"].resolved);
  } catch {
    return false;
  }
}

function byPath(folder: string, isNear: boolean): Origin {
  const path = (url: URL) => {
    const to = relative(folder, fileURLToPath(url));
    return to.startsWith(".") ? to : `./${to}`;
  };
  const imports = Object.entries(ownModules).map(([name, url]) => [name, isNear ? path(url) : url.href]);
  const program = isNear ? path(ownPrograms.command) : fileURLToPath(ownPrograms.command);
  return {
    imports: Object.fromEntries(imports),
    // Deno looks for deno.json beside the program, and not here.
    command: `deno run -A --config deno.json ${quoted(program)}`,
  };
}
