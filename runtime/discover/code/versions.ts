import { dirname } from "node:path";
import type { FileProblem, FunctionFile } from "../../core/declared.ts";
import type { ProcessGuard } from "../../core/deno_command.ts";
import { isBelow } from "../../core/is_below.ts";
import { exposure, isExposed } from "../../core/permissions/exposed.ts";
import { shownPath } from "../../core/text/shown_path.ts";
import { missing, type Version, versionOf } from "../../core/version.ts";
import { read, statOf } from "../folder/content.ts";
import { type Imports, ModulesUnreadable, readGraphs } from "./graph.ts";
import { mayImport } from "./importable.ts";
import { isCode } from "../folder/names.ts";
import { configurationOf, type Project } from "./project.ts";
import { Snapshot } from "../folder/snapshot.ts";

/** What versions are made with. */
export interface VersionsOptions {
  readonly project: Project;
  /** Files that no function may import, such as deploy.config.ts; by absolute path. */
  readonly secret?: readonly string[];
  /** Versions that were known when the runtime last ran. */
  readonly remembered?: Iterable<Version>;
  readonly guard?: ProcessGuard;
  readonly signal?: AbortSignal;
}

/** A function file, and the modules around its function, by absolute path. */
export interface FileWithUses extends FunctionFile {
  readonly uses: readonly string[];
}

/** A file's version in a snapshot, or what is wrong with the file. */
export type Versioned =
  /** `touched` is another one whenever somebody has written the file, even with the same content. */
  | { readonly kind: "version"; readonly version: Version; readonly touched: string }
  | { readonly kind: "problem"; readonly problem: FileProblem };

/** Knows which code each function file is made of. Deno is asked only about files that have changed. */
export class Versions {
  readonly #options: VersionsOptions;
  /** By the path of the function's file. */
  readonly #known: Map<string, Version>;
  /** Why Deno cannot say what a file imports, by its path. */
  readonly #unreadable = new Map<string, string>();
  #snapshot = new Snapshot();
  #further: readonly string[];

  constructor(options: VersionsOptions) {
    this.#options = options;
    this.#known = new Map([...options.remembered ?? []].map((version) => [version.entry, version]));
    this.#further = this.#furtherNow();
  }

  /** The files that versions are made of and that say how they are loaded, wherever they lie; by absolute path. */
  get further(): readonly string[] {
    return this.#further;
  }

  /** The files whose code in this snapshot differs from what is known of them. */
  async changed(files: readonly FileWithUses[], snapshot: Snapshot): Promise<FileWithUses[]> {
    const about = await this.#about(snapshot);
    const changed: FileWithUses[] = [];
    for (const file of files) if (!await this.#isSame(file, about, snapshot)) changed.push(file);
    return changed;
  }

  /** What a file was last made of; of one that is new, only itself is known. */
  lastModules({ path }: FunctionFile): string[] {
    return [...this.#known.get(path)?.modules.keys() ?? [path]];
  }

  /**
   * The version of each file in a snapshot, the very same where nothing changed; `changed` are those to look into.
   * Rejects with `ModulesUnreadable` if Deno cannot say for any file what it imports, as when deno.json is broken.
   */
  async of(
    files: readonly FileWithUses[],
    changed: readonly FileWithUses[],
    snapshot: Snapshot,
  ): Promise<Versioned[]> {
    await this.#readAnew(changed, snapshot);
    const openFolders = new OpenFolders(this.#options.project.root);
    const versioned = files.map((file) => this.#versioned(file, snapshot, openFolders));
    this.#snapshot = snapshot;
    this.#forgetBut(files);
    return versioned;
  }

  /** Whether the files of a version are on the disk as they were when it was made. */
  async isCurrent({ modules, about }: Version): Promise<boolean> {
    for (const [path, hash] of [...modules, ...about]) {
      const stat = statOf(path);
      const now = stat && await read(path, stat, true, this.#snapshot.files.get(path));
      if ((now?.seen.hash ?? missing) !== hash) return false;
    }
    return true;
  }

  /** The hash of what says how files are loaded. */
  async #about(snapshot: Snapshot): Promise<Map<string, string>> {
    return await hashesOf(configurationOf(this.#options.project), snapshot);
  }

  async #isSame({ path, uses }: FileWithUses, about: Version["about"], snapshot: Snapshot): Promise<boolean> {
    const known = this.#known.get(path);
    if (known === undefined || known.config !== this.#options.project.config) return false;
    if (known.about.size !== about.size || String(known.uses ?? []) !== String(uses)) return false;
    for (const [file, hash] of about) if (known.about.get(file) !== hash) return false;
    for (const [file, hash] of known.modules) if (await hashOf(file, snapshot) !== hash) return false;
    return true;
  }

  async #readAnew(files: readonly FileWithUses[], snapshot: Snapshot): Promise<void> {
    const { project, secret = [], guard, signal } = this.#options;
    const { root, config } = project;
    const about = await this.#about(snapshot);
    const asked = new Set(files.flatMap(({ path, uses }) => [path, ...uses]));
    const graphs = await readGraphs([...asked], { config, guard, signal });
    for (const { path: entry, uses } of files) {
      const known = [entry, ...uses].map((path) => graphs.get(path)!);
      const unreadable = known.find((graph) => graph instanceof ModulesUnreadable);
      const parts = known.filter(isReadable);
      const imported = new Set([...parts.flatMap(({ files }) => files), ...uses]);
      const packages = [...new Set(parts.flatMap(({ packages }) => packages))].sort();
      const own = [...imported].filter((path) => path !== entry && mayImport(path, { project, secret }));
      const modules = await hashesOf([entry, ...own], snapshot);
      this.#known.set(entry, versionOf({ entry, root, config, modules, about, packages, uses }));
      if (unreadable instanceof ModulesUnreadable) this.#unreadable.set(entry, unreadable.message);
      else this.#unreadable.delete(entry);
    }
  }

  #versioned(
    { path, file, uses }: FileWithUses,
    { files: seen }: Snapshot,
    openFolders: OpenFolders,
  ): Versioned {
    const version = this.#known.get(path)!;
    const modules = [...version.modules.keys()];
    const why = this.#unreadable.get(path);
    if (why !== undefined) {
      return { kind: "problem", problem: { file, message: why, fix: "check what the file imports" } };
    }
    const unusable = uses.map((module) => this.#whyUnusable(module, version)).find((fault) =>
      fault !== undefined
    );
    if (unusable !== undefined) return { kind: "problem", problem: { file, ...unusable } };
    const open = modules.find((module) =>
      module !== path && (seen.get(module)?.exposed || openFolders.isBelowOne(module))
    );
    if (open !== undefined) {
      const message = `It imports '${shownPath(open)}', which every user of this machine may write`;
      return { kind: "problem", problem: { file, message, fix: exposure(shownPath(open), "file").fix } };
    }
    const garbled = modules.find((module) => isCode(module) && seen.get(module)?.isBinary);
    if (garbled !== undefined) {
      const message = `'${shownPath(garbled)}' is not UTF-8, so Deno would misread its letters`;
      return { kind: "problem", problem: { file, message, fix: "save it as UTF-8" } };
    }
    return { kind: "version", version, touched: seen.get(path)?.stamp ?? missing };
  }

  #whyUnusable(module: string, { modules }: Version): Pick<FileProblem, "message" | "fix"> | undefined {
    const named = `The middleware '${shownPath(module)}', which deploy.config.ts names,`;
    const hash = modules.get(module);
    if (hash === missing) {
      const fix = "check its path in deploy.config.ts, which begins at the folder of that file";
      return { message: `${named} does not exist`, fix };
    }
    const fix = `move it below '${shownPath(this.#options.project.root)}'`;
    return hash === undefined
      ? { message: `${named} lies where functions may not import from`, fix }
      : undefined;
  }

  #forgetBut(files: readonly FunctionFile[]): void {
    const paths = new Set(files.map(({ path }) => path));
    for (const path of this.#known.keys()) {
      if (paths.has(path)) continue;
      this.#known.delete(path);
      this.#unreadable.delete(path);
    }
    this.#further = this.#furtherNow();
  }

  #furtherNow(): string[] {
    const modules = [...this.#known.values()].flatMap(({ modules }) => [...modules.keys()]);
    return [...new Set([...configurationOf(this.#options.project), ...modules])];
  }
}

function isReadable(graph: Imports | ModulesUnreadable): graph is Imports {
  return !(graph instanceof ModulesUnreadable);
}

async function hashOf(path: string, snapshot: Snapshot): Promise<string> {
  return (await snapshot.see(path))?.hash ?? missing;
}

async function hashesOf(paths: readonly string[], snapshot: Snapshot): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const path of paths) hashes.set(path, await hashOf(path, snapshot));
  return hashes;
}

/** The folders of a project that everybody may write; each is asked about once. */
class OpenFolders {
  readonly #root: string;
  readonly #known = new Map<string, boolean>();

  constructor(root: string) {
    this.#root = root;
  }

  isBelowOne(path: string): boolean {
    const folder = dirname(path);
    if (!isBelow(folder, this.#root)) return false;
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const isOpen = isFolderExposed(folder) || (folder !== this.#root && this.isBelowOne(folder));
    this.#known.set(folder, isOpen);
    return isOpen;
  }
}

function isFolderExposed(folder: string): boolean {
  try {
    return isExposed(folder, Deno.statSync(folder));
  } catch {
    return false; // What is not there, nobody may write.
  }
}
