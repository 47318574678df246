import { basename, dirname, sep } from "node:path";
import type { Place } from "./walk.ts";

/** Starts to listen for changes below paths, as `Deno.watchFs` does. */
export type WatchFs = (paths: string[], options: { recursive: boolean }) => Deno.FsWatcher;

/** Hears from the system that files may have changed. The system reports some changes late, and some never. */
export class Hints {
  readonly #onHint: () => void;
  readonly #onTrouble: (error: unknown) => void;
  readonly #watchFs: WatchFs;
  #watchers: Deno.FsWatcher[] = [];
  #target: string | undefined;

  /** `onTrouble` is called when it cannot listen, once for each place. */
  constructor(onHint: () => void, onTrouble: (error: unknown) => void, watchFs: WatchFs = Deno.watchFs) {
    this.#onHint = onHint;
    this.#onTrouble = onTrouble;
    this.#watchFs = watchFs;
  }

  /** Listens to a place; begins again if its folder was replaced by another of the same name. Rejects if the folder cannot be read. */
  async aim({ folder, files }: Place): Promise<void> {
    const outside = [...files].filter((file) => !file.startsWith(folder + sep));
    const parents = [...new Set(outside.map(dirname))].sort();
    const identities = await Promise.all(parents.map((parent) => identityOf(parent).catch(() => undefined)));
    const there = parents.filter((_, i) => identities[i] !== undefined);
    const target = JSON.stringify([await identityOf(folder), folder, identities, parents]);
    if (target === this.#target) return;
    this.close();
    this.#target = target;
    try {
      this.#listen([folder], true, () => true);
      const names = new Set(outside.map((file) => basename(file)));
      // Listen to the file's folder: a file that is moved into its place is another file.
      if (there.length > 0) this.#listen(there, false, (path) => names.has(basename(path)));
    } catch (error) {
      // It has gone since: the next call looks again.
      if (error instanceof Deno.errors.NotFound) this.close();
      else this.#onTrouble(error);
    }
  }

  /** Stops listening; `aim` begins again. */
  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    this.#target = undefined;
  }

  #listen(paths: string[], recursive: boolean, isMeant: (path: string) => boolean): void {
    const watcher = this.#watchFs(paths, { recursive });
    this.#watchers.push(watcher);
    this.#hear(watcher, isMeant).catch(this.#onTrouble);
  }

  async #hear(watcher: Deno.FsWatcher, isMeant: (path: string) => boolean): Promise<void> {
    for await (const { kind, paths } of watcher) {
      // Hopper's own reading is an access.
      if (kind !== "access" && paths.some(isMeant)) this.#onHint();
    }
  }
}

// A new folder may get the inode of a removed one.
async function identityOf(folder: string): Promise<string> {
  const { dev, ino, birthtime } = await Deno.stat(folder);
  return [dev, ino, birthtime?.getTime()].join(" ");
}
