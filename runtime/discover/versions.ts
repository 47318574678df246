import { dirname, sep } from "node:path";
import type { FileProblem, FunctionFile } from "../core/declared.ts";
import type { ProcessGuard } from "../core/deno_command.ts";
import { exposure, isExposed } from "../core/permissions/exposed.ts";
import { missing, type Version, versionOf } from "../core/version.ts";
import { see, type Seen } from "./content.ts";
import { mayImport } from "./importable.ts";
import { ModulesUnreadable } from "./modules.ts";
import { configurationOf, type Project } from "./project.ts";
import { readGraphs } from "./read_graphs.ts";
import { isCode, shownPath } from "./scan.ts";

/** What versions are made with. */
export interface VersionsOptions {
  readonly project: Project;
  /** Files that no function may import, such as deploy.config.ts; by absolute path. */
  readonly secret?: readonly string[];
  /** Versions that were known when the runtime last ran, by their entries. */
  readonly remembered?: Iterable<Version>;
  /** Told of a file that alone has changed, and of what it is likely to be made of, before that is known. */
  readonly onAlone?: (entry: string, modules: readonly string[]) => void;
  readonly guard?: ProcessGuard;
  readonly signal?: AbortSignal;
}

/** A file's version as it is now, or what is wrong with the file. */
export type Versioned =
  /** `touched` is another one whenever somebody has written the file, be it with the same content. */
  | { readonly kind: "version"; readonly version: Version; readonly touched: string }
  | { readonly kind: "problem"; readonly problem: FileProblem };

/** Tells which code function files are made of, as it changes. What has not changed is not looked into again. */
export class Versions {
  readonly #options: VersionsOptions;
  readonly #known: Map<string, Version>;
  /** Why nothing can be told of what a version's file imports. */
  readonly #unreadable = new Map<string, string>();
  #seen = new Map<string, Seen | undefined>();
  #further: readonly string[] = [];

  constructor(options: VersionsOptions) {
    this.#options = options;
    this.#known = new Map([...options.remembered ?? []].map((version) => [version.entry, version]));
  }

  /** Whatever versions are made of beside the functions folder, or is no code; by absolute path. */
  get further(): readonly string[] {
    return this.#further;
  }

  /**
   * The version of each file, the very same where nothing changed. Rejects with `ModulesUnreadable` if nothing can be
   * told of any file, as when deno.json is broken.
   */
  async of(files: readonly FunctionFile[]): Promise<Versioned[]> {
    const look = new Look(this.#seen, this.#options.project.root);
    const about = await look.hashesOf(configurationOf(this.#options.project));
    const changed: FunctionFile[] = [];
    for (const file of files) if (!await this.#isSame(file, about, look)) changed.push(file);
    if (changed.length === 1) this.#tellAlone(changed[0]!);
    await this.#readAnew(changed, about, look);
    const versioned = await Promise.all(files.map((file) => this.#versioned(file, look)));
    this.#seen = look.seen;
    this.#forgetBut(files);
    return versioned;
  }

  /** Whether the files of a version are on the disk as they were when it was made. */
  async isCurrent({ modules, about }: Version): Promise<boolean> {
    const look = new Look(this.#seen, this.#options.project.root);
    for (const [path, hash] of [...modules, ...about]) if (await look.hashOf(path) !== hash) return false;
    return true;
  }

  #tellAlone({ path }: FunctionFile): void {
    const modules = this.#known.get(path)?.modules.keys() ?? [path];
    this.#options.onAlone?.(path, [...modules]);
  }

  async #isSame({ path }: FunctionFile, about: Version["about"], look: Look): Promise<boolean> {
    const known = this.#known.get(path);
    if (known === undefined || known.config !== this.#options.project.config) return false;
    if (known.about.size !== about.size) return false;
    for (const [file, hash] of about) if (known.about.get(file) !== hash) return false;
    for (const [file, hash] of known.modules) if (await look.hashOf(file) !== hash) return false;
    return true;
  }

  async #readAnew(files: readonly FunctionFile[], about: Version["about"], look: Look): Promise<void> {
    const { project, secret = [], guard, signal } = this.#options;
    const { root, config } = project;
    const graphs = await readGraphs(files.map(({ path }) => path), { config, guard, signal });
    for (const { path: entry } of files) {
      const graph = graphs.get(entry)!;
      const { files: imported, packages } = graph instanceof ModulesUnreadable ? nothing : graph;
      const modules = await look.hashesOf([
        entry,
        ...imported.filter((path) => path !== entry && mayImport(path, { project, secret })),
      ]);
      this.#known.set(entry, versionOf({ entry, root, config, modules, about, packages }));
      if (graph instanceof ModulesUnreadable) this.#unreadable.set(entry, graph.message);
      else this.#unreadable.delete(entry);
    }
  }

  async #versioned({ path, file }: FunctionFile, look: Look): Promise<Versioned> {
    const version = this.#known.get(path)!;
    const why = this.#unreadable.get(path);
    if (why !== undefined) {
      return { kind: "problem", problem: { file, message: why, fix: "check what the file imports" } };
    }
    const open = await look.exposedOf([...version.modules.keys()].filter((module) => module !== path));
    if (open !== undefined) {
      const message = `It imports '${shownPath(open)}', which every user of this machine may write`;
      return { kind: "problem", problem: { file, message, fix: exposure(shownPath(open), "file").fix } };
    }
    const garbled = look.binaryOf([...version.modules.keys()].filter(isCode));
    if (garbled !== undefined) {
      const message = `'${shownPath(garbled)}' is not UTF-8, so Deno would misread its letters`;
      return { kind: "problem", problem: { file, message, fix: "save it as UTF-8" } };
    }
    return { kind: "version", version, touched: look.stampOf(path) };
  }

  #forgetBut(files: readonly FunctionFile[]): void {
    const paths = new Set(files.map(({ path }) => path));
    for (const path of this.#known.keys()) {
      if (paths.has(path)) continue;
      this.#known.delete(path);
      this.#unreadable.delete(path);
    }
    const modules = [...this.#known.values()].flatMap(({ modules }) => [...modules.keys()]);
    this.#further = [...new Set([...configurationOf(this.#options.project), ...modules])];
  }
}

const nothing = { files: [], packages: [] };

/** One look at files: each is looked at once. */
class Look {
  readonly seen = new Map<string, Seen | undefined>();
  readonly #before: ReadonlyMap<string, Seen | undefined>;
  readonly #root: string;
  readonly #exposed = new Map<string, boolean>();

  constructor(before: ReadonlyMap<string, Seen | undefined>, root: string) {
    this.#before = before;
    this.#root = root;
  }

  async hashOf(path: string): Promise<string> {
    return (await this.#see(path))?.hash ?? missing;
  }

  async hashesOf(paths: readonly string[]): Promise<Map<string, string>> {
    const hashes = new Map<string, string>();
    for (const path of paths) hashes.set(path, await this.hashOf(path));
    return hashes;
  }

  stampOf(path: string): string {
    return this.seen.get(path)?.stamp ?? missing;
  }

  /** The first of some files that were looked at that is no text. */
  binaryOf(paths: readonly string[]): string | undefined {
    return paths.find((path) => this.seen.get(path)?.isBinary);
  }

  /** The first of some files that everybody may write, or a folder above it. */
  async exposedOf(paths: readonly string[]): Promise<string | undefined> {
    for (const path of paths) if ((await this.#see(path))?.exposed) return path;
  }

  async #see(path: string): Promise<Seen | undefined> {
    if (this.seen.has(path)) return this.seen.get(path);
    const isExposedAbove = this.#isExposed(dirname(path));
    const seen = await see(path, { isExposedAbove, isRead: true }, this.#before.get(path));
    this.seen.set(path, seen);
    return seen;
  }

  #isExposed(folder: string): boolean {
    if (!(folder + sep).startsWith(this.#root + sep)) return false;
    const known = this.#exposed.get(folder);
    if (known !== undefined) return known;
    const exposed = isFolderExposed(folder) || this.#isExposed(dirname(folder));
    this.#exposed.set(folder, exposed);
    return exposed;
  }
}

function isFolderExposed(folder: string): boolean {
  try {
    return isExposed(folder, Deno.statSync(folder));
  } catch {
    return false; // What is not there, nobody may write.
  }
}
