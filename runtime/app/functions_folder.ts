import { join } from "node:path";
import type { Caller } from "../core/api/context.ts";
import type { Declared, FunctionFile } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import { describeError } from "../core/api/errors.ts";
import type { Host } from "../core/ports/host.ts";
import { ceilingOf } from "../core/settings/layers.ts";
import { realPath } from "../core/permissions/links.ts";
import type { Config, PermissionOptions } from "../core/api/options.ts";
import { allows, beyond, type Bounds, operatorsWord, written } from "../core/permissions/permissions.ts";
import type { Service } from "../core/ports/service.ts";
import type { Version } from "../core/version.ts";
import { type Catalog, type FileToRead, readCatalog, type ReadFile } from "../discover/catalog.ts";
import { configurationOf, type Project, projectOf } from "../discover/project.ts";
import { shownPath } from "../discover/scan.ts";
import type { Selection } from "../discover/selection.ts";
import { Versions } from "../discover/versions.ts";
import { Hosts } from "../host/hosts.ts";
import { FunctionReader, type Patience, type Remembered } from "../host/source/reader.ts";
import { recall, remember } from "../host/source/remembered.ts";

/** What a functions folder is read with. */
export interface FolderOptions {
  /** Absolute path of the functions folder. */
  readonly functions: string;
  /** The part of it that counts. Default: everything. */
  readonly selection?: Selection;
  /** Files that no function may import, such as deploy.config.ts; by absolute path. */
  readonly secret?: readonly string[];
  /** Where declarations and copies of versions survive a restart, and for which release of Hopper. Default: they do not. */
  readonly memory?: { readonly folder: string; readonly release: string };
  /** Whether processes are kept ready, or started ahead, for the next file that changes. */
  readonly keepsReady?: boolean;
  /** The runtime's own services, which functions are kept from. */
  readonly services?: readonly Service[];
  /** How long a file may take; without it every file is waited for. */
  readonly patience?: Patience;
  /** Told what could not be kept for a restart, and why. */
  readonly onTrouble?: (trouble: string) => void;
}

/** A folder of function files: reads them as they change, and makes their hosts. */
export class FunctionsFolder {
  readonly #options: FolderOptions;
  readonly #project: Project;
  readonly #versions: Versions;
  readonly #reader: FunctionReader;
  readonly #hosts: Hosts;
  /** What is known of each file, as it was written down last. */
  #noted = "";
  #writing: Promise<void> = Promise.resolve();
  #about: string | undefined;

  private constructor(
    options: FolderOptions,
    project: Project,
    hosts: Hosts,
    remembered: readonly Remembered[],
  ) {
    const { secret, patience, keepsReady } = options;
    this.#options = options;
    this.#project = project;
    this.#hosts = hosts;
    this.#versions = new Versions({
      project,
      secret,
      remembered: remembered.map(({ version }) => version),
      onAlone: keepsReady ? (entry, modules) => hosts.startAhead(entry, modules) : undefined,
      guard: hosts.guard,
    });
    this.#reader = new FunctionReader({
      declaring: hosts.declaring,
      keep: (version) => this.#keep(version),
      onAlone: keepsReady ? ({ entry, modules }) => hosts.startAhead(entry, [...modules.keys()]) : undefined,
      patience,
      remembered,
    });
  }

  static async open(options: FolderOptions): Promise<FunctionsFolder> {
    const { functions, memory, keepsReady, services } = options;
    const project = projectOf(functions);
    const hosts = await Hosts.open({
      config: project.config,
      root: project.workspace && project.root,
      versions: memory && join(memory.folder, "versions"),
      keepsReady,
      services,
    });
    const remembered = memory === undefined
      ? []
      : await recall(declarationsIn(memory.folder), releaseOf(memory));
    return new FunctionsFolder(options, project, hosts, remembered);
  }

  /** Reads what the folder holds. Rejects if it cannot be read, or deno.json is broken. */
  async read(config: Config): Promise<Catalog> {
    const { functions: folder, selection } = this.#options;
    const declared: Remembered[] = [];
    const read = async (files: readonly FileToRead[]) => {
      const results = await this.#read(files, config);
      for (const result of results) {
        if (result.kind !== "declaration" || result.code.kind !== "process") continue;
        declared.push({ version: result.code.version, declaration: result.declaration, place: result.place });
      }
      return results;
    };
    const catalog = await readCatalog({ folder, config, selection, read });
    this.#remember(declared);
    return catalog;
  }

  /** What the functions are made of beside the folder, or that is no code; by absolute path. */
  get further(): readonly string[] {
    return [...configurationOf(this.#project), ...this.#versions.further];
  }

  /** The host of one function. */
  hostOf(declared: Declared, caller: Caller, emit: Emit): Host {
    const files = {
      isCurrent: (version: Version) => this.#versions.isCurrent(version),
      treeOf: (version: Version) => this.#hosts.snapshots.treeOf(version),
    };
    return this.#hosts.hostOf(declared, files, caller, emit);
  }

  /** Forgets the copies of versions that are none of these functions' any more. */
  async forgetBut(functions: Iterable<Declared>): Promise<void> {
    const versions = [...functions].flatMap(({ code }) => code.kind === "process" ? [code.version] : []);
    await this.#hosts.snapshots.keepOnly(versions);
  }

  /** Waits for what is being read and written, and ends every process. */
  async close(): Promise<void> {
    await this.#hosts.close();
    await this.#reader.close();
    await this.#writing;
  }

  async #read(files: readonly FileToRead[], config: Config): Promise<ReadFile[]> {
    const versioned = await this.#versions.of(files);
    await this.#noticeConfiguration(versioned.find((one) => one.kind === "version")?.version);
    const known = files.flatMap((file, i) => {
      const one = versioned[i]!;
      return one.kind === "problem"
        ? []
        : [{ ...file, ...one, lendable: lendableTo(file, config, this.#options) }];
    });
    const read = await this.#reader.read(known);
    const results = new Map(known.map(({ path }, i) => [path, read[i]!]));
    return files.map(({ path }, i) => results.get(path) ?? versioned[i] as ReadFile & { kind: "problem" });
  }

  /** Keeps a version that was read; one that cannot be kept runs from its files all the same, for as long as they last. */
  async #keep(version: Version): Promise<boolean> {
    if (!await this.#versions.isCurrent(version)) return false;
    try {
      return await this.#hosts.snapshots.keep(version);
    } catch (error) {
      this.#say(`Cannot keep a copy of ${shownPath(version.entry)}`, error);
      return true;
    }
  }

  #say(what: string, error: unknown): void {
    this.#options.onTrouble?.(`${what}: ${describeError(error)}`);
  }

  async #noticeConfiguration(version: Version | undefined): Promise<void> {
    if (version === undefined) return;
    const about = JSON.stringify([...version.about]);
    if (this.#about !== undefined && about !== this.#about) await this.#hosts.reconfigured();
    this.#about = about;
  }

  #remember(declared: readonly Remembered[]): void {
    const { memory } = this.#options;
    const noted = declared.map(({ version }) => version.id).sort().join();
    if (memory === undefined || noted === this.#noted) return;
    this.#noted = noted;
    this.#writing = this.#writing
      .then(() => remember(declarationsIn(memory.folder), releaseOf(memory), declared))
      .catch((error) => {
        // What is not remembered is read again.
        this.#noted = "";
        this.#say("Cannot save what the functions declare for the next start", error);
      });
  }
}

/** Reads what a folder holds, for those who do not run it. Rejects if the folder cannot be read. */
export async function readFolder(functions: string, config: Config): Promise<Catalog> {
  const folder = await FunctionsFolder.open({ functions });
  try {
    return await folder.read(config);
  } finally {
    await folder.close();
  }
}

function declarationsIn(folder: string): string {
  return join(folder, "declarations.json");
}

function releaseOf({ release }: { readonly release: string }): string {
  return `hopper ${release}, deno ${Deno.version.deno}`;
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
