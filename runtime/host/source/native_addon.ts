import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isNativeLoader } from "../../core/permissions/native_code.ts";

/** A package of npm with native code for Node. */
export interface NativeAddon {
  readonly name: string;
  /** Whether its native code lies in it. Without that, its install script has to fetch or make it. */
  readonly isThere: boolean;
}

/** What counts in a package.json. */
interface Manifest {
  readonly name?: string;
  readonly napi?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

// What a package is searched for; Node's own largest has some thousand files.
const maxEntries = 5_000;
const maxDepth = 5;

/**
 * The package whose native code did not load, if an error came through such a package: the one nearest to the function.
 * `files` are those of its stack, innermost first; as paths or URLs.
 */
export async function nativeAddonOf(files: readonly string[]): Promise<NativeAddon | undefined> {
  let found: NativeAddon | undefined;
  for (const folder of new Set(files.flatMap(packageFolder))) {
    const addon = await nativeAddonIn(folder);
    if (addon !== undefined) found = addon;
  }
  return found;
}

/** The folder of the package that a file is of, in a node_modules or in Deno's cache. */
function packageFolder(file: string): string[] {
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  const inModules = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path);
  const inCache = /^.*\/npm\/[^/]+\/(?:@[^/]+\/)?[^/]+\/\d[^/]*/.exec(path);
  return [inModules?.[0] ?? inCache?.[0]].filter((folder) => folder !== undefined);
}

async function nativeAddonIn(folder: string): Promise<NativeAddon | undefined> {
  const manifest = await readManifest(folder);
  if (manifest?.name === undefined) return undefined;
  const { name, dependencies = {} } = manifest;
  const has = await nativeFiles(folder);
  const isThere = has.built || await hasPlatformPackage(folder, manifest);
  const isAddon = isThere || has.source || manifest.napi !== undefined ||
    [name, ...Object.keys(dependencies)].some(isNativeLoader);
  return isAddon ? { name, isThere: isThere || isNativeLoader(name) } : undefined;
}

/** Whether one of its optional packages, of which there is one for each platform, has native code. */
async function hasPlatformPackage(folder: string, { name, optionalDependencies = {} }: Manifest) {
  const inModules = folder.slice(0, -name!.length);
  for (const [other, version] of Object.entries(optionalDependencies)) {
    if (!/linux|darwin|win32/.test(other)) continue;
    const inCache = join(dirname(folder).slice(0, -name!.length), other, version.replace(/^[\^~=]/, ""));
    for (const at of [join(inModules, other), inCache]) if ((await nativeFiles(at)).built) return true;
  }
  return false;
}

/** Whether a folder has native code for Node, and what that is made from. */
async function nativeFiles(folder: string): Promise<{ built: boolean; source: boolean }> {
  const found = { built: false, source: false };
  let left = maxEntries;
  const walk = async (at: string, depth: number): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(at)) {
      if (found.built || left-- <= 0) return;
      if (isDirectory && name !== "node_modules" && depth < maxDepth) await walk(join(at, name), depth + 1);
      found.built ||= name.endsWith(".node");
      found.source ||= name === "binding.gyp";
    }
  };
  await walk(folder, 0).catch(() => {});
  return found;
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  } catch {
    return undefined; // It is not there, or no package.json.
  }
}
