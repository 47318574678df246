import { randomUUID } from "node:crypto";
import { basename, dirname, join, relative, sep } from "node:path";
import process from "node:process";
import { describeError, HopperError } from "../core/api/errors.ts";
import type { Placement } from "./plan.ts";
import type { Tree, TreeEntry } from "./tree.ts";

/** A copy of a folder as it would be after the deploy. It is removed when it is disposed of. */
export interface Stage extends AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
}

/**
 * Copies a folder, and puts the new files into the copy. The copy is next to the folder, so that imports from outside
 * the folder still work. Its name begins with `.`, so that no runtime takes it for functions.
 */
export async function openStage(
  folder: string,
  there: Tree,
  placements: readonly Placement[],
): Promise<Stage> {
  const beside = dirname(folder);
  await removeAbandoned(beside);
  const path = await Deno.makeTempDir({ dir: beside, prefix: `${stagePrefix}${Deno.pid}-` }).catch(
    (error) => {
      const why = describeError(error);
      throw new HopperError(
        "STAGE",
        `The files are first checked in ${beside}, which cannot be written: ${why}`,
      );
    },
  );
  const stage: Stage = { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
  try {
    for (const [below, entry] of there) await copy(folder, path, below, entry);
    for (const { from, path: below } of placements) {
      const to = join(path, below);
      await Deno.mkdir(dirname(to), { recursive: true });
      await Deno.remove(to).catch(() => {}); // copying over a link would write to its target
      await Deno.copyFile(from, to);
    }
    return stage;
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
}

const stagePrefix = ".hopper-deploy-";

/** Removes the copies left by killed deploys. A copy that cannot be removed does no harm. */
async function removeAbandoned(beside: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(beside), ({ name }) => name).catch(() => []);
  for (const name of names) {
    const pid = new RegExp(`^${RegExp.escape(stagePrefix)}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await Deno.remove(join(beside, name), { recursive: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process runs, but belongs to another user.
    return (error as { code?: string }).code === "EPERM";
  }
}

/** Places staged files, one after the other. Each is placed completely or not at all. */
export async function placeFiles(stage: string, folder: string, paths: readonly string[]): Promise<void> {
  for (const [placed, path] of paths.entries()) {
    try {
      await placeFile(join(stage, path), join(folder, path));
    } catch (error) {
      const done = placed === 0 ? "Nothing was placed" : `Only ${paths.slice(0, placed).join(", ")} placed`;
      throw new HopperError("PLACE", `${done}: ${path} cannot be written: ${describeError(error)}`, {
        cause: error,
      });
    }
  }
}

// First into the same folder, because a rename there never crosses to another file system.
async function placeFile(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  const beside = join(dirname(to), `.${basename(to)}.${randomUUID()}`);
  try {
    await Deno.copyFile(from, beside);
    using file = await Deno.open(beside);
    await file.sync(); // without this, a power cut could leave an empty file
    await Deno.rename(beside, to);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw error;
  }
}

async function copy(folder: string, stage: string, below: string, { kind, mode }: TreeEntry): Promise<void> {
  const [from, to] = [join(folder, below), join(stage, below)];
  if (kind === "file") await Deno.copyFile(from, to);
  if (kind === "link") await Deno.symlink(await linkIn(stage, folder, from), to);
  if (kind !== "folder") return;
  if (below !== "") await Deno.mkdir(to);
  if (mode !== null) await Deno.chmod(to, mode & 0o777);
}

/** The target of a link in the copy: if its target is in the folder, the copy of that target. */
async function linkIn(stage: string, folder: string, link: string): Promise<string> {
  const target = await Deno.realPath(link).catch(() => undefined);
  const root = await Deno.realPath(folder);
  return target?.startsWith(root + sep) ? join(stage, relative(root, target)) : await Deno.readLink(link);
}
