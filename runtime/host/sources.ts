import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What a function's process is given as text; anything else it would have to read itself. */
const isSource = /\.(?:[cm]?[jt]s|json|txt|md|sql|graphql|html|css|csv|ya?ml)$/;

// A file that is longer is data, and no code.
const mostBytes = 1024 * 1024;
const mostFiles = 20_000;

interface Known {
  readonly mtime: number;
  readonly size: number;
  readonly text: string;
}

/** The texts of a folder, by URL; what has not changed is not read again. */
export class SourceFolder {
  readonly #root: string;
  #known = new Map<string, Known>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads what is new. A file that cannot be read is none. */
  async read(): Promise<Readonly<Record<string, string>>> {
    const known = new Map<string, Known>();
    await this.#walk(this.#root, known);
    this.#known = known;
    return Object.fromEntries([...known].map(([path, { text }]) => [pathToFileURL(path).href, text]));
  }

  async #walk(folder: string, known: Map<string, Known>): Promise<void> {
    try {
      for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
        if (name.startsWith(".") || name === "node_modules" || known.size >= mostFiles) continue;
        const path = join(folder, name);
        if (isDirectory) await this.#walk(path, known);
        else if (isFile && isSource.test(name)) await this.#readFile(path, known);
      }
    } catch {
      // The folder went away meanwhile, or is closed to us: its files are none.
    }
  }

  async #readFile(path: string, known: Map<string, Known>): Promise<void> {
    try {
      const { size, mtime } = await Deno.stat(path);
      const changed = mtime?.getTime() ?? 0;
      if (size > mostBytes) return;
      const before = this.#known.get(path);
      const isSame = before?.mtime === changed && before.size === size;
      known.set(path, isSame ? before : { mtime: changed, size, text: await Deno.readTextFile(path) });
    } catch {
      // It went away meanwhile.
    }
  }
}
