import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Code, FileProblem, FunctionFile } from "../core/declared.ts";
import type { FunctionDeclaration } from "../core/function.ts";
import type { Place } from "../core/locate.ts";
import { Declarations } from "./declarations.ts";
import type { Dependencies } from "./dependencies.ts";
import { exposure } from "../core/exposed.ts";
import { load } from "./load.ts";
import { imports } from "./imports.ts";
import { declaredText, type LoadedThere, type Texts } from "./load_into.ts";
import type { ProcessPool } from "./pool.ts";
import { SourceFolder } from "./sources.ts";

/** A file to read, and where its function will run. */
export interface FileToRead extends FunctionFile {
  readonly isolate: "inline" | "process";
}

/** A file's declaration, or what is wrong with the file. */
export type ReadFile =
  | {
    readonly kind: "declaration";
    readonly declaration: FunctionDeclaration;
    readonly place: Place;
    readonly source: string;
    readonly code: Code;
  }
  | { readonly kind: "problem"; readonly problem: FileProblem };

interface Known {
  readonly isolate: FileToRead["isolate"];
  /** The texts it was read from. */
  readonly files: Texts;
  readonly result: ReadFile;
}

/** A file that is read still, though whoever asked no longer waits. */
interface Slow {
  readonly text: string | undefined;
  readonly reading: Promise<Known>;
}

// The others do not wait longer for a file, once they are read.
const patienceMs = 1_000;

/** Reads function files; what has not changed since, nor anything it imports, is not read again. */
export class FunctionReader {
  readonly #folder: SourceFolder;
  readonly #declarations: Declarations;
  readonly #url: string;
  #known = new Map<string, Known>();
  readonly #slow = new Map<string, Slow>();
  /** How often each inline file was loaded. */
  readonly #loads = new Map<string, number>();
  readonly #onLate: (() => void) | undefined;

  /**
   * `onLate` is called when a file has been read that was reported as slow: another `read` gives the result. Without
   * it every file is waited for.
   */
  constructor(root: string, pool: ProcessPool, dependencies: Dependencies, onLate?: () => void) {
    this.#folder = new SourceFolder(root);
    this.#url = pathToFileURL(join(root, "/")).href;
    this.#declarations = new Declarations(this.#url, pool, dependencies);
    this.#onLate = onLate;
  }

  /**
   * Gives the result for each file, the very same where nothing changed. A file that takes long is reported as slow,
   * and read on. Rejects if no process can be started.
   */
  async read(files: readonly FileToRead[]): Promise<ReadFile[]> {
    const { texts, exposed } = await this.#folder.read();
    const known = this.#known;
    this.#known = new Map();
    const paths = new Set(files.map(({ path }) => path));
    for (const path of this.#slow.keys()) if (!paths.has(path)) this.#slow.delete(path);
    const isNew = (file: FileToRead) => !isUnchanged(known.get(file.path), file, texts);
    const changed = files.filter(isNew);
    const inline = changed.filter(({ isolate }) => isolate === "inline");
    const read = new Map([
      ...await this.#probe(changed.filter(({ isolate }) => isolate === "process"), texts),
      ...await Promise.all(inline.map((file) => this.#load(file, texts))),
    ]);
    return files.map((file) => {
      const now = read.get(file.path) ?? known.get(file.path)!;
      this.#known.set(file.path, now);
      return exposureOf(file, now, exposed) ?? now.result;
    });
  }

  /** Waits for what is read still. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#slow.values()].map(({ reading }) => reading));
  }

  async #probe(files: readonly FileToRead[], texts: Texts): Promise<[string, Known][]> {
    const textOf = ({ path }: FileToRead) => texts[pathToFileURL(path).href];
    const fresh = files.filter((file) => {
      const slow = this.#slow.get(file.path);
      return slow === undefined || slow.text !== textOf(file);
    });
    const loading = this.#declarations.read(fresh, texts);
    fresh.forEach((file, i) => {
      const reading = loading[i]!.then((loaded) => asKnown(file, loaded, texts, this.#url));
      this.#slow.set(file.path, { text: textOf(file), reading });
    });
    return await this.#patiently(files);
  }

  /** The results that come in time, and of the other files that they are slow. */
  async #patiently(files: readonly FileToRead[]): Promise<[string, Known][]> {
    const late = Promise.withResolvers<undefined>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(timer);
      if (this.#onLate) timer = setTimeout(() => late.resolve(undefined), patienceMs);
    };
    wait();
    try {
      return await Promise.all(files.map(async (file): Promise<[string, Known]> => {
        const slow = this.#slow.get(file.path)!;
        const known = await Promise.race([slow.reading, late.promise]);
        if (known === undefined) return [file.path, this.#tellLater(file, slow)];
        wait();
        this.#slow.delete(file.path);
        return [file.path, known];
      }));
    } finally {
      clearTimeout(timer);
    }
  }

  #tellLater({ path, file, isolate }: FileToRead, { reading }: Slow): Known {
    reading.then(this.#onLate, this.#onLate);
    const message =
      `It has not finished loading after ${patienceMs / 1000} s, in which packages may still be ` +
      "fetched; the others do not wait for it";
    const fix = "do at the top of the file only what is quick, and the rest in the handler";
    // Of no texts, so that it is asked for again.
    return { isolate, files: { [path]: "" }, result: { kind: "problem", problem: { file, message, fix } } };
  }

  // A module stays as it was loaded for as long as the runtime runs; under another address it is another module.
  async #load(file: FileToRead, texts: Texts) {
    const url = pathToFileURL(file.path).href;
    const source = texts[url] ?? "";
    const before = this.#loads.get(file.path) ?? 0;
    this.#loads.set(file.path, before + 1);
    const loaded = await load(before === 0 ? url : `${url}?v=${before}`, file.file);
    const result: ReadFile = loaded.kind === "problem" ? loaded : {
      ...loaded,
      source,
      code: { kind: "inline", declaration: loaded.declaration },
    };
    return [file.path, { isolate: file.isolate, files: { [url]: source }, result }] as const;
  }
}

/** Whoever may write a helper decides what runs, as much as with the function's own file. */
function exposureOf(
  { file, path }: FileToRead,
  { files, result }: Known,
  exposed: ReadonlySet<string>,
): ReadFile | undefined {
  if (result.kind === "problem") return undefined;
  const own = pathToFileURL(path).href;
  const open = Object.keys(files).find((url) => url !== own && exposed.has(url));
  if (open === undefined) return undefined;
  const helper = fileURLToPath(open);
  const message = `It imports '${helper}', which everybody on this machine may write`;
  return { kind: "problem", problem: { file, message, fix: exposure(helper, "file").fix } };
}

function asKnown(
  file: FileToRead,
  loaded: LoadedThere,
  texts: Texts,
  folder: string,
): Known {
  const { isolate, path } = file;
  const entry = pathToFileURL(path).href;
  const urls = imports([entry, ...loaded.loaded], texts);
  const files = Object.fromEntries(urls.map((url) => [url, texts[url]!]));
  // What failed may have failed for a file that is not there yet: any change is reason to look again.
  if (loaded.kind === "problem") return { isolate, files: texts, result: loaded };
  const { declaration, place, packages } = loaded;
  const declares = declaredText(declaration);
  const code: Code = { kind: "process", sources: { entry, folder, files, packages, declares } };
  return {
    isolate,
    files,
    result: { kind: "declaration", declaration, place, source: texts[entry] ?? "", code },
  };
}

function isUnchanged(
  known: Known | undefined,
  { isolate }: FileToRead,
  texts: Texts,
): boolean {
  if (known === undefined || known.isolate !== isolate) return false;
  if (known.result.kind === "problem") return hasSame(known.files, texts) && hasSame(texts, known.files);
  return hasSame(known.files, texts);
}

function hasSame(some: Texts, all: Texts): boolean {
  for (const url in some) if (some[url] !== all[url]) return false;
  return true;
}
