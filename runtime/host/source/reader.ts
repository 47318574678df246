import { pathToFileURL } from "node:url";
import type { Code, FunctionFile, ReadFile } from "../../core/declared.ts";
import type { Version } from "../../core/version.ts";
import type { Declaring } from "./declaring.ts";
import type { Remembered } from "./declaration_store.ts";
import { load } from "../child/load.ts";
import { loadMiddleware } from "../child/load_middleware.ts";
import { schemasOf } from "../child/schemas.ts";
import type { Lendable } from "./lent.ts";
import { modulesOf } from "./middleware_modules.ts";
import { declaredText, type LoadedThere } from "../process/load_into.ts";

/** A file to read, and where its function will run. */
export interface FileToRead extends FunctionFile {
  readonly isolate: "inline" | "process";
  readonly version: Version;
  /** Another one whenever somebody has written the file: a file that failed is then tried again. */
  readonly touched: string;
  readonly lendable: Lendable;
  /** Its text, to say where in it something is wrong. */
  readonly text: () => Promise<string>;
}

/** The result of reading one version of a file. */
interface Known {
  readonly isolate: FileToRead["isolate"];
  readonly id: string;
  readonly touched: string;
  readonly result: ReadFile;
}

/** A file that is being read, though nobody may be waiting for it any more. */
interface Reading {
  readonly id: string;
  readonly known: Promise<Known>;
  /** Resolves when a process begins to load it: time before that is not the file's fault. */
  readonly begun: Promise<void>;
  since: number;
  ended: boolean;
}

/** How long a file may take to load. */
export interface LoadLimits {
  /** Milliseconds that the others wait for a file, from when the last of them began to load or was loaded. */
  readonly othersMs: number;
  /** Milliseconds after which a file is reported as slow. */
  readonly slowMs: number;
  /** Called when a file that nobody waits for has been read, or has become slow: another `read` gives the result. */
  readonly onLate: () => void;
}

/** What a reader of files is made with. */
export interface ReaderParts {
  readonly declaring: Pick<Declaring, "read">;
  /** Keeps a version that was read. Gives whether its files are on the disk as it has them. */
  readonly keep: (version: Version) => Promise<boolean>;
  /** Called with the only version that is read, as its function's process will load it next. */
  readonly onAlone?: (version: Version) => void;
  /** Without limits every file is waited for. */
  readonly limits?: LoadLimits;
  readonly remembered?: Iterable<Remembered>;
}

/** Reads what function files declare. A file is read again only if it or something it imports has changed. */
export class FunctionReader {
  readonly #parts: ReaderParts;
  readonly #remembered: ReadonlyMap<string, Remembered>;
  #known = new Map<string, Known>();
  readonly #reading = new Map<string, Reading>();
  /** How often each inline file was loaded. */
  readonly #loads = new Map<string, number>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#remembered = new Map([...parts.remembered ?? []].map((one) => [one.version.id, one]));
  }

  /** Gives the result for each file, the very same where nothing changed. Rejects if no process can be started. */
  async read(files: readonly FileToRead[]): Promise<ReadFile[]> {
    const paths = new Set(files.map(({ path }) => path));
    for (const path of this.#reading.keys()) if (!paths.has(path)) this.#reading.delete(path);
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
    const started = files.filter((file) => !this.#isKnown(file) && this.#begin(file));
    const [alone, ...others] = started;
    if (alone?.isolate === "process" && others.length === 0) this.#parts.onAlone?.(alone.version);
    await this.#waitFor(started.map(({ path }) => this.#reading.get(path)!));
    return await Promise.all(files.map((file) => this.#resultOf(file)));
  }

  /** Waits for the files that are still being read. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#reading.values()].map(({ known }) => known));
  }

  #isKnown({ path, isolate, version, touched }: FileToRead): boolean {
    const known = this.#known.get(path);
    if (known === undefined || known.isolate !== isolate || known.id !== version.id) return false;
    return known.result.kind === "declaration" || known.touched === touched;
  }

  /** Begins to read a file, unless that version of it is being read already. */
  #begin(file: FileToRead): boolean {
    if (this.#reading.get(file.path)?.id === file.version.id) return false;
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const known = file.isolate === "inline" ? this.#load(file) : this.#readInProcess(file, begin);
    const reading: Reading = { id: file.version.id, known, begun, since: Infinity, ended: false };
    begun.then(() => reading.since = performance.now());
    known.catch(() => {}).finally(() => reading.ended = true);
    this.#reading.set(file.path, reading);
    return true;
  }

  /** Waits for files, but not for one that is slow. */
  async #waitFor(readings: readonly Reading[]): Promise<void> {
    const { limits } = this.#parts;
    if (limits === undefined) return void await Promise.allSettled(readings.map(({ known }) => known));
    const { promise: late, resolve } = Promise.withResolvers<void>();
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(timer);
      if (!isOver) timer = setTimeout(resolve, limits.othersMs);
    };
    for (const { begun } of readings) begun.then(wait);
    await Promise.race([late, Promise.allSettled(readings.map(({ known }) => known.finally(wait)))]);
    isOver = true;
    clearTimeout(timer);
    for (const reading of readings) if (!reading.ended) this.#tellLater(reading, limits);
  }

  #tellLater(reading: Reading, { slowMs, onLate }: LoadLimits): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    reading.begun.then(() => {
      const ms = Math.max(0, slowMs - (performance.now() - reading.since));
      if (!reading.ended) timer = setTimeout(onLate, ms);
    });
    const end = () => {
      clearTimeout(timer);
      onLate();
    };
    reading.known.then(end, end);
  }

  async #resultOf(file: FileToRead): Promise<ReadFile> {
    const reading = this.#reading.get(file.path);
    if (reading === undefined) return this.#known.get(file.path)!.result;
    if (!reading.ended) return this.#slowness(file, reading);
    this.#reading.delete(file.path);
    const known = await reading.known;
    this.#known.set(file.path, known);
    return known.result;
  }

  #slowness({ file }: FileToRead, { since }: Reading): ReadFile {
    const slowMs = this.#parts.limits?.slowMs ?? Infinity;
    if (performance.now() - since < slowMs) return { kind: "pending" };
    const message =
      `It has not finished loading after ${slowMs / 1000} s, in which packages may still be fetched; ` +
      "the others do not wait for it";
    const fix = "keep the top of the file quick, and do the rest in the handler";
    return { kind: "problem", problem: { file, message, fix } };
  }

  async #readInProcess(file: FileToRead, onBegin: () => void): Promise<Known> {
    const { version, isolate, touched } = file;
    const about = { isolate, id: version.id, touched };
    const remembered = this.#remembered.get(version.id);
    if (remembered !== undefined) {
      return {
        ...about,
        result: await asRead(file, { kind: "declaration", ...remembered, asked: [], packages: [] }),
      };
    }
    const { declaring, keep } = this.#parts;
    const loaded = await declaring.read(file, version, file.lendable, onBegin);
    // A file that was written while it was read is of neither version: without an id it is read again.
    if (!await keep(version)) return { ...about, id: "", result: { kind: "pending" } };
    return { ...about, result: await asRead(file, loaded) };
  }

  // Deno loads a module once; with another address it loads the file again.
  async #load({ path, file, isolate, version, touched, text }: FileToRead): Promise<Known> {
    const url = pathToFileURL(path).href;
    const source = await text();
    const before = this.#loads.get(path) ?? 0;
    this.#loads.set(path, before + 1);
    const again = (url: string) => before === 0 ? url : `${url}?v=${before}`;
    const loaded = await load(again(url), file);
    const known = (result: ReadFile): Known => ({ isolate, id: version.id, touched, result });
    if (loaded.kind === "problem") return known(loaded);
    const modules = modulesOf(version).map(({ name, url }) => ({ name, url: again(url) }));
    const around = await loadMiddleware(modules, file);
    if (around.kind === "problem") return known(around);
    return known({
      ...loaded,
      source,
      code: { kind: "inline", declaration: loaded.declaration, around: around.use },
      schemas: schemasOf(loaded.declaration),
    });
  }
}

async function asRead({ text, version }: FileToRead, loaded: LoadedThere): Promise<Known["result"]> {
  if (loaded.kind === "problem") return { kind: "problem", problem: loaded.problem };
  const { declaration, place, schemas } = loaded;
  const code: Code = { kind: "process", version, declares: declaredText(declaration) };
  return { kind: "declaration", declaration, place, source: await text(), code, schemas };
}
