import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { HopperError } from "../../core/api/errors.ts";
import { missing, type Version } from "../../core/version.ts";

/** A version's files, in a folder of their own. */
export interface Tree {
  /** Absolute path of the copy of the function's file. */
  readonly entry: string;
  /** Absolute paths of the copies of its modules. */
  readonly modules: readonly string[];
  /** Absolute paths of the copies of what is around the function. */
  readonly uses: readonly string[];
  /** Absolute path of the copy of deno.json, if that belongs to the version. */
  readonly config: string | undefined;
  /** Rewrites a text about the copies so that it names the original files. */
  told(text: string): string;
}

/** The content with a hash that a file had when it was hashed, if that is still known. */
export type ContentOf = (path: string, hash: string) => Uint8Array<ArrayBuffer> | undefined;

const recentMs = 60 * 60 * 1000;

/**
 * Keeps the files of versions, each content once, so that a version can be started even when its files on the disk have
 * changed.
 */
export class VersionStore {
  readonly #contents: string;
  readonly #trees: string;

  /**
   * Contents are kept in `contents`, and copies are made in `trees`, which must not lie below the project, as Deno looks
   * for a deno.json in the folders above a file. Neither need exist yet.
   */
  constructor(contents: string, trees: string) {
    this.#contents = contents;
    this.#trees = trees;
  }

  /**
   * Keeps a version; a file that `contentOf` does not give is read. Gives whether its files are, on the disk or there,
   * as the version has them.
   */
  async keep({ modules, about }: Version, contentOf: ContentOf): Promise<boolean> {
    await Deno.mkdir(this.#contents, { recursive: true, mode: 0o700 });
    for (const [path, hash] of [...modules, ...about]) {
      if (hash === missing || await isThere(this.#pathOf(hash))) continue;
      if (!await this.#keepFile(path, hash, contentOf(path, hash))) return false;
    }
    return true;
  }

  /** Makes a folder with a version's files, in the same places as in the project. Rejects if one was not kept. */
  async treeOf(version: Version): Promise<Tree> {
    const { id, entry, root, config, modules, about, uses = [] } = version;
    const folder = join(this.#trees, id);
    const at = (path: string) => join(folder, relative(root, path));
    if (!await isThere(folder)) {
      const making = await Deno.makeTempDir({ dir: await made(this.#trees), prefix: ".making-" });
      for (const [path, hash] of [...modules, ...about]) {
        if (hash === missing || relative(root, path).startsWith("..")) continue;
        const to = join(making, relative(root, path));
        await Deno.mkdir(dirname(to), { recursive: true });
        await Deno.copyFile(this.#pathOf(hash), to).catch((cause) => {
          throw new HopperError("NOT_KEPT", `'${path}' has changed, and this version of it was not kept`, {
            cause,
          });
        });
      }
      await Deno.symlink(join(root, "node_modules"), join(making, "node_modules"));
      await Deno.rename(making, folder);
    }
    const ownConfig = config !== undefined && !relative(root, config).startsWith("..");
    return {
      entry: at(entry),
      modules: [...modules.keys()].map(at),
      uses: uses.map(at),
      config: ownConfig ? at(config) : undefined,
      told: (text) => text.replaceAll(folder, root),
    };
  }

  /** Deletes what none of these versions needs, unless it is less than an hour old: another runtime may use it. */
  async keepOnly(versions: Iterable<Version>): Promise<void> {
    const ids = new Set<string>();
    const names = new Set<string>();
    for (const { id, modules, about } of versions) {
      ids.add(id);
      for (const hash of [...modules.values(), ...about.values()]) names.add(nameOf(hash));
    }
    await removeBut(this.#contents, names);
    await removeBut(this.#trees, ids);
  }

  /** Writes a file's content under its hash, whole or not at all. Gives whether the content is as the hash says. */
  async #keepFile(path: string, hash: string, known?: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const content = known ?? await Deno.readFile(path).catch(() => undefined);
    if (content === undefined || !hash.endsWith(createHash("sha256").update(content).digest("base64"))) {
      // A file that is too large to be hashed has its stamp instead, and is not kept.
      return content !== undefined && !/=$/.test(hash);
    }
    const making = await Deno.makeTempFile({ dir: this.#contents, prefix: ".making-" });
    await Deno.writeFile(making, content);
    await Deno.rename(making, this.#pathOf(hash));
    return true;
  }

  #pathOf(hash: string): string {
    return join(this.#contents, nameOf(hash));
  }
}

function nameOf(hash: string): string {
  return createHash("sha256").update(hash).digest("hex");
}

async function made(folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function removeBut(folder: string, names: ReadonlySet<string>): Promise<void> {
  if (!await isThere(folder)) return;
  for await (const { name } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (names.has(name) || await isRecent(path)) continue;
    await Deno.remove(path, { recursive: true }).catch(() => {});
  }
}

async function isRecent(path: string): Promise<boolean> {
  const { mtime = null } = await Deno.lstat(path).catch(() => ({ mtime: null }));
  return mtime === null || Date.now() - mtime.getTime() < recentMs;
}
