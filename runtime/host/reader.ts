import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Code, FileProblem, FunctionFile } from "../core/declared.ts";
import type { FunctionDeclaration } from "../core/function.ts";
import type { Place } from "../core/locate.ts";
import { load } from "./load.ts";
import { imports } from "./imports.ts";
import type { LoadedThere } from "./load_into.ts";
import type { ProcessPool } from "./pool.ts";
import { probe } from "./probe.ts";
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
  readonly files: Readonly<Record<string, string>>;
  readonly result: ReadFile;
}

// No permission at all, and room for many files.
const probeSpec = { permissions: [], env: {}, memory: 256 };

/** Reads function files; what has not changed since, nor anything it imports, is not read again. */
export class FunctionReader {
  readonly #folder: SourceFolder;
  readonly #pool: ProcessPool;
  readonly #url: string;
  #known = new Map<string, Known>();
  /** How often each inline file was loaded. */
  readonly #loads = new Map<string, number>();

  constructor(root: string, pool: ProcessPool) {
    this.#folder = new SourceFolder(root);
    this.#url = pathToFileURL(join(root, "/")).href;
    this.#pool = pool;
  }

  /** Gives the result for each file, the very same where nothing changed. Rejects if no process can be started. */
  async read(files: readonly FileToRead[]): Promise<ReadFile[]> {
    const texts = await this.#folder.read();
    const known = this.#known;
    this.#known = new Map();
    const isKnown = (file: FileToRead) => isUnchanged(known.get(file.path), file, texts);
    const changed = files.filter((file) => !isKnown(file));
    const [inline, process] = [
      changed.filter(({ isolate }) => isolate === "inline"),
      changed.filter(({ isolate }) => isolate === "process"),
    ];
    const read = new Map([
      ...await this.#probe(process, texts),
      ...await Promise.all(inline.map((file) => this.#load(file, texts))),
    ]);
    return files.map((file) => {
      const now = read.get(file.path) ?? known.get(file.path)!;
      this.#known.set(file.path, now);
      return now.result;
    });
  }

  async #probe(files: readonly FileToRead[], texts: Readonly<Record<string, string>>) {
    const loaded = await probe(
      files.map(({ name, path, file }) => ({
        name,
        file,
        entry: pathToFileURL(path).href,
        folder: this.#url,
      })),
      texts,
      probeSpec,
      this.#pool,
    );
    return files.map((file, i) => [file.path, asKnown(file, loaded[i]!, texts, this.#url)] as const);
  }

  // A module stays as it was loaded for as long as the runtime runs; under another address it is another module.
  async #load(file: FileToRead, texts: Readonly<Record<string, string>>) {
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

function asKnown(
  file: FileToRead,
  loaded: LoadedThere,
  texts: Readonly<Record<string, string>>,
  folder: string,
): Known {
  const { isolate, path } = file;
  const entry = pathToFileURL(path).href;
  const urls = imports([entry, ...loaded.loaded], texts);
  const files = Object.fromEntries(urls.map((url) => [url, texts[url]!]));
  // What failed may have failed for a file that is not there yet: any change is reason to look again.
  if (loaded.kind === "problem") return { isolate, files: texts, result: loaded };
  const { declaration, place } = loaded;
  const code: Code = { kind: "process", sources: { entry, folder, files } };
  return {
    isolate,
    files,
    result: { kind: "declaration", declaration, place, source: texts[entry] ?? "", code },
  };
}

function isUnchanged(
  known: Known | undefined,
  { isolate }: FileToRead,
  texts: Readonly<Record<string, string>>,
): boolean {
  if (known === undefined || known.isolate !== isolate) return false;
  if (known.result.kind === "problem") return hasSame(known.files, texts) && hasSame(texts, known.files);
  return hasSame(known.files, texts);
}

function hasSame(some: Readonly<Record<string, string>>, all: Readonly<Record<string, string>>): boolean {
  for (const url in some) if (some[url] !== all[url]) return false;
  return true;
}
