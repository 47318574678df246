import { lookAtLinks } from "../../core/permissions/links.ts";

// Two changes within one tick of the file system's clock cannot be told apart by a folder's time.
const tickMs = 50;

// Looking may take at most this share of the time, even if the folder is large.
const share = 0.1;

/**
 * The links that lead out of a folder now. A process is denied the links that existed when it started. Deno would follow
 * a link that is made later, so the folder must be looked at again.
 */
export class FolderLinks {
  readonly #folder: string;
  #links: readonly string[] = [];
  /** When each subfolder changed last, in milliseconds. Empty if that was too recent to notice the next change. */
  #changed = new Map<string, number>();
  #looking: Promise<readonly string[]> | undefined;
  #next = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The links now. It is the same array while the links are the same. Rejects if the folder cannot be read. */
  current(): Promise<readonly string[]> {
    if (performance.now() < this.#next) return Promise.resolve(this.#links);
    return this.#looking ??= this.#look().finally(() => this.#looking = undefined);
  }

  async #look(): Promise<readonly string[]> {
    const began = performance.now();
    if (this.#changed.size === 0 || await this.#hasChanged()) {
      const now = Date.now();
      const { out, folders } = await lookAtLinks(this.#folder);
      if (out.join("\0") !== this.#links.join("\0")) this.#links = out;
      const times = await Promise.all(
        folders.map(async (folder) => [folder, await changedAt(folder)] as const),
      );
      const isCertain = times.every(([, time]) => time !== undefined && time < now - tickMs);
      this.#changed = new Map(isCertain ? times as [string, number][] : []);
    }
    const ended = performance.now();
    this.#next = ended + (ended - began) * (1 / share - 1);
    return this.#links;
  }

  async #hasChanged(): Promise<boolean> {
    const folders = [...this.#changed];
    const same = await Promise.all(folders.map(async ([folder, time]) => await changedAt(folder) === time));
    return same.includes(false);
  }
}

async function changedAt(folder: string): Promise<number | undefined> {
  const { mtime } = await Deno.stat(folder).catch(() => ({ mtime: null }));
  return mtime?.getTime();
}
