import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isExposed } from "../core/exposed.ts";
import type { Texts } from "./load_into.ts";

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

/** What a folder holds. */
export interface FolderTexts {
  /** Text of each file, by URL. */
  readonly texts: Texts;
  /** URLs of files that everybody on the machine may write, or a folder above them. */
  readonly exposed: ReadonlySet<string>;
}

/** The texts of a folder, by URL; what has not changed is not read again. */
export class SourceFolder {
  readonly #root: string;
  #known = new Map<string, Known>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads what is new. A file that cannot be read is none. */
  async read(): Promise<FolderTexts> {
    const known = new Map<string, Known>();
    const exposed = new Set<string>();
    await this.#walk(this.#root, false, known, exposed);
    this.#known = known;
    const texts = Object.fromEntries([...known].map(([path, { text }]) => [pathToFileURL(path).href, text]));
    return { texts, exposed };
  }

  async #walk(
    folder: string,
    isExposedAbove: boolean,
    known: Map<string, Known>,
    exposed: Set<string>,
  ): Promise<void> {
    try {
      const isOpen = isExposedAbove || isExposed(await Deno.stat(folder));
      for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
        if (name.startsWith(".") || name === "node_modules" || known.size >= mostFiles) continue;
        const path = join(folder, name);
        if (isDirectory) await this.#walk(path, isOpen, known, exposed);
        else if (isFile && isSource.test(name)) await this.#readFile(path, isOpen, known, exposed);
      }
    } catch {
      // The folder went away meanwhile, or is closed to us: its files are none.
    }
  }

  async #readFile(
    path: string,
    isExposedAbove: boolean,
    known: Map<string, Known>,
    exposed: Set<string>,
  ): Promise<void> {
    try {
      const { size, mtime, mode } = await Deno.stat(path);
      if (isExposedAbove || isExposed({ mode })) exposed.add(pathToFileURL(path).href);
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
