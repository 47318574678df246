import { join, resolve as resolvePath } from "node:path";
import type { Caller } from "../core/api/context.ts";
import type { Declared, FunctionFile, ReadFile } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import { describeError } from "../core/api/errors.ts";
import type { Host } from "../core/ports/host.ts";
import { ceilingOf, layersOf } from "../core/settings/layers.ts";
import { loadRecurrences } from "../core/schedule/cron.ts";
import { resolve } from "../core/settings/settings.ts";
import { shownPath } from "../core/text/shown_path.ts";
import { realPath } from "../core/permissions/links.ts";
import type { Config, PermissionOptions } from "../core/api/options.ts";
import { allows, beyond, type Bounds, operatorsWord, written } from "../core/permissions/permissions.ts";
import type { Inspection } from "../core/ports/inspection.ts";
import type { Service } from "../core/ports/service.ts";
import type { Version } from "../core/version.ts";
import { type Catalog, catalogOf } from "../discover/catalog.ts";
import { functionFiles } from "../discover/function_files.ts";
import { type Project, projectOf } from "../discover/code/project.ts";
import { everything, select, type Selection } from "../discover/selection.ts";
import { look, Snapshot } from "../discover/folder/snapshot.ts";
import { Versions } from "../discover/code/versions.ts";
import { Hosts } from "../host/hosts.ts";
import { DeclarationStore, type Remembered } from "../host/source/declaration_store.ts";
import { FunctionReader, type LoadLimits } from "../host/source/reader.ts";

/** How a functions folder is read. */
export interface FolderOptions {
  /** Absolute path of the functions folder. */
  readonly functions: string;
  /** The part of it that counts. Default: everything. */
  readonly selection?: Selection;
  /** Files that no function may import, such as deploy.config.ts; by absolute path. */
  readonly secret?: readonly string[];
  /** Further files to watch, besides those that functions are made of; by absolute path. */
  readonly watched?: readonly string[];
  /** Where declarations and copies of versions survive a restart, and for which release of Hopper. Default: they do not. */
  readonly memory?: { readonly folder: string; readonly release: string };
  /** Whether processes are kept ready, or started early, for the next file that changes. */
  readonly keepsReady?: boolean;
  /** The runtime's own services, which functions are kept from. */
  readonly services?: readonly Service[];
  /** The function that runs under the inspector. */
  readonly inspection?: Inspection;
  /** How long a file may take to load; without limits every file is waited for. */
  readonly limits?: LoadLimits;
  /** Called with what could not be kept for a restart, and why. */
  readonly onTrouble?: (trouble: string) => void;
}

/** A folder of function files: reads them as they change, and makes the hosts that run them. */
export class FunctionsFolder {
  readonly #options: FolderOptions;
  readonly #versions: Versions;
  readonly #reader: FunctionReader;
  readonly #hosts: Hosts;
  readonly #declarations: DeclarationStore | undefined;
  #snapshot = new Snapshot();
  #about: string | undefined;

  private constructor(
    options: FolderOptions,
    project: Project,
    hosts: Hosts,
    declarations: DeclarationStore | undefined,
    remembered: readonly Remembered[],
  ) {
    const { secret, limits } = options;
    this.#options = options;
    this.#hosts = hosts;
    this.#declarations = declarations;
    this.#versions = new Versions({
      project,
      secret,
      remembered: remembered.map(({ version }) => version),
      guard: hosts.guard,
    });
    this.#reader = new FunctionReader({
      declaring: hosts.declaring,
      keep: (version) => this.#keep(version),
      onAlone: ({ entry, modules }) => this.#startAhead(entry, [...modules.keys()]),
      limits,
      remembered,
    });
  }

  static async open(options: FolderOptions): Promise<FunctionsFolder> {
    const { functions, memory, keepsReady, services, inspection, onTrouble = () => {} } = options;
    const project = projectOf(functions);
    const hosts = await Hosts.open({
      config: project.config,
      root: project.workspace && project.root,
      versions: memory && join(memory.folder, "versions"),
      keepsReady,
      services,
      inspection,
    });
    const declarations = memory && new DeclarationStore({
      path: join(memory.folder, "declarations.json"),
      release: `hopper ${memory.release}, deno ${Deno.version.deno}`,
      onTrouble,
    });
    return new FunctionsFolder(options, project, hosts, declarations, await declarations?.recall() ?? []);
  }

  /**
   * Reads what the folder holds, or held in a snapshot that was taken of it. Rejects if it cannot be read, or deno.json
   * is broken.
   */
  async read(config: Config, snapshot?: Snapshot): Promise<Catalog> {
    const { functions: folder, selection = everything } = this.#options;
    // Somebody may have looked again since it was taken.
    if (snapshot === undefined || isOlder(snapshot, this.#snapshot)) snapshot = await this.#look();
    this.#snapshot = snapshot;
    const found = functionFiles(snapshot);
    const selected = select(found.files, selection, config);
    const read = await this.#read(selected.files, snapshot, config);
    this.#declarations?.remember(read.flatMap(remembered));
    // What reads schedules is loaded for the first of them.
    const recurrences = read.some(isSchedule) ? await loadRecurrences() : undefined;
    return catalogOf({ folder, config, found, selected, read, recurrences });
  }

  /** The folder as it was when it was last read. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Files to read wherever they lie and whatever their names: what functions import, and configuration; by absolute path. */
  get further(): readonly string[] {
    return [...this.#options.watched ?? [], ...this.#versions.further];
  }

  /** The host of one function. */
  hostOf(declared: Declared, caller: Caller, emit: Emit): Host {
    const files = {
      isCurrent: (version: Version) => this.#versions.isCurrent(version),
      treeOf: (version: Version) => this.#hosts.versions.treeOf(version),
    };
    return this.#hosts.hostOf(declared, files, caller, emit);
  }

  /** Deletes the copies of versions that none of these functions has. */
  async forgetBut(functions: Iterable<Declared>): Promise<void> {
    const versions = [...functions].flatMap(({ code }) => code.kind === "process" ? [code.version] : []);
    await this.#hosts.versions.keepOnly(versions);
  }

  /** Waits for what is being read and written, and ends every process. */
  async close(): Promise<void> {
    await this.#hosts.close();
    await this.#reader.close();
    await this.#declarations?.close();
  }

  async #look(): Promise<Snapshot> {
    return await look({ folder: this.#options.functions, files: this.further }, this.#snapshot);
  }

  /** What each file declares, in their order. */
  async #read(found: readonly FunctionFile[], snapshot: Snapshot, config: Config): Promise<ReadFile[]> {
    const files = found.map((file) => ({ ...file, uses: usesOf(file, config) }));
    const changed = await this.#versions.changed(files, snapshot);
    const [alone, ...others] = changed;
    if (alone && others.length === 0) this.#startAhead(alone.path, this.#versions.lastModules(alone));
    const versioned = await this.#versions.of(files, changed, snapshot);
    await this.#noticeConfiguration(versioned.find((one) => one.kind === "version")?.version);
    const known = files.flatMap((file, i) => {
      const one = versioned[i]!;
      if (one.kind === "problem") return [];
      return [{
        ...file,
        ...one,
        // What the operator allows now, a file may load with.
        touched: `${one.touched} ${written(ceilingOf(file.name, config) ?? {})}`,
        isolate: resolve(...layersOf(file.name, {}, config)).isolate,
        lendable: lendableTo(file, config, this.#options),
        text: () => textOf(one.version, snapshot),
      }];
    });
    const read = await this.#reader.read(known);
    const results = new Map(known.map(({ path }, i) => [path, read[i]!]));
    return files.map(({ path }, i) => results.get(path) ?? versioned[i] as ReadFile & { kind: "problem" });
  }

  #startAhead(entry: string, modules: readonly string[]): void {
    if (this.#options.keepsReady) this.#hosts.startAhead(entry, modules);
  }

  /** Keeps a copy of a version that was read. Without a copy it still runs from its files, until they change. */
  async #keep(version: Version): Promise<boolean> {
    if (!await this.#versions.isCurrent(version)) return false;
    try {
      return await this.#hosts.versions.keep(version, (path, hash) => this.#snapshot.contentOf(path, hash));
    } catch (error) {
      const what = `Cannot keep a copy of ${shownPath(version.entry)}`;
      this.#options.onTrouble?.(`${what}: ${describeError(error)}`);
      return true;
    }
  }

  async #noticeConfiguration(version: Version | undefined): Promise<void> {
    if (version === undefined) return;
    const about = JSON.stringify([...version.about]);
    if (this.#about !== undefined && about !== this.#about) await this.#hosts.reconfigured();
    this.#about = about;
  }
}

/** Reads what a folder holds without running it. Rejects if the folder cannot be read. */
export async function readFolder(functions: string, config: Config): Promise<Catalog> {
  const folder = await FunctionsFolder.open({ functions });
  try {
    return await folder.read(config);
  } finally {
    await folder.close();
  }
}

function isSchedule(read: ReadFile): boolean {
  return read.kind === "declaration" && read.declaration.trigger.kind === "schedule";
}

function isOlder({ walked: one }: Snapshot, { walked: other }: Snapshot): boolean {
  return one !== undefined && other !== undefined && one.at < other.at;
}

/** The modules that the operator puts around a function, by absolute path. */
function usesOf({ name }: FunctionFile, config: Config): string[] {
  return resolve(...layersOf(name, {}, config)).middleware.map((path) => resolvePath(path));
}

/** The text of a version's file; of one that is gone, none. */
async function textOf({ entry, modules }: Version, snapshot: Snapshot): Promise<string> {
  const content = snapshot.contentOf(entry, modules.get(entry)!);
  if (content !== undefined) return new TextDecoder().decode(content);
  return await Deno.readTextFile(entry).catch(() => "");
}

/** What the next start need not read again; code that runs inside the runtime is loaded at each start. */
function remembered(read: ReadFile): Remembered[] {
  if (read.kind !== "declaration" || read.code.kind !== "process") return [];
  const { code: { version }, declaration, place, schemas } = read;
  return [{ version, declaration, place, schemas }];
}

/** The variables that a file may ask for. */
function lendableTo({ name }: FunctionFile, config: Config, { functions }: FolderOptions) {
  const bounds: Bounds = { ceiling: ceilingOf(name, config), folder: functions, cwd: Deno.cwd(), realPath };
  return {
    env: (variable: string) => allows(bounds, "env", variable) ? Deno.env.get(variable) : undefined,
    operatorsWord: (asked: PermissionOptions) =>
      written(beyond(asked, bounds)) === "{}" ? undefined : operatorsWord(name, asked, bounds),
  };
}
