import { dirname, join } from "node:path";
import { describeError } from "../../core/api/errors.ts";
import { readDenoJson } from "../../core/deno_json.ts";
import { type ProcessGuard, runDeno } from "../../core/deno_command.ts";
import { ownPrograms } from "../../core/own_files.ts";

/** How fetching ended: there was nothing to do, or Deno has fetched, or why it could not. */
export type Fetched =
  | { readonly kind: "there" }
  | { readonly kind: "fetched" }
  | { readonly kind: "failed"; readonly why: string };

/** Where packages are named and locked. */
export interface PackagesOptions {
  /** The deno.json whose import map is used. */
  readonly config: string | undefined;
  /** The folder of deno.lock. Default: that of `config`. */
  readonly root?: string;
  /** A lock file of the runtime's own, which begins as a copy of the project's. */
  readonly lock: string;
  readonly guard: ProcessGuard;
}

// Deno first fetches all that is locked, whatever it is asked to cache: here a module that imports no package.
const installs = ownPrograms.reader.href;

// So that a file does not wait for ever for a registry that does not answer.
const fetchMs = 60_000;

// Once so many files wait for a slow registry, others wait too.
const atOnce = 4;

/**
 * Fetches packages from a registry, so that the processes of functions, which may fetch nothing, find them. No code of
 * the packages runs, not even their install scripts.
 */
export class Packages {
  readonly #options: PackagesOptions;
  /** The packages that were fetched since the start, by the name they are imported with. */
  readonly #fetched = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<Fetched>>();
  #fetching = 0;
  #installing: Promise<Fetched["kind"]> | undefined;

  constructor(options: PackagesOptions) {
    this.#options = options;
  }

  /** The flags with which `deno` takes packages from where the project has them, even with another deno.json. */
  flags(config: string | undefined = this.#options.config): readonly string[] {
    return [...configFlags(config), `--lock=${this.#options.lock}`, ...modulesFlag(config)];
  }

  /** Whether Deno takes packages from the project's node_modules alone, where somebody else puts them. */
  get areInstalled(): boolean {
    const { config } = this.#options;
    if (config === undefined) return false;
    const { root = dirname(config) } = this.#options;
    const said = readDenoJson(config).nodeModulesDir;
    return said === undefined ? isFile(join(root, "package.json")) : said === "manual";
  }

  /** Copies the project's lock file, if it has one; the project's own file is never written. */
  async noteLocked(): Promise<void> {
    const { config, lock } = this.#options;
    if (config === undefined) return;
    const { root = dirname(config) } = this.#options;
    await Deno.copyFile(join(root, "deno.lock"), lock).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  /**
   * Fetches packages, such as `npm:ms@2.1.3`, and what they depend on, unless that was done before. Processes that were
   * started earlier do not know of them.
   */
  async fetch(names: readonly string[]): Promise<Fetched> {
    const wanted = names.filter((name) => !this.#fetched.has(name));
    if (wanted.length === 0) return { kind: "there" };
    if (this.#fetching === atOnce) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#fetching++;
    const running = this.#fetch(wanted);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      const next = this.#waiting.shift();
      if (next) next();
      else this.#fetching--;
    }
  }

  /** Fetches all that the project has locked. */
  install(): Promise<Fetched["kind"]> {
    return this.#installing ??= this.#fetch([installs]).then(({ kind }) => kind).finally(() => {
      this.#installing = undefined;
    });
  }

  /**
   * Fetches packages once nobody else is fetching: with what the others brought, Deno may want other versions of their
   * dependencies.
   */
  async fetchAgain(names: readonly string[]): Promise<Fetched> {
    await Promise.allSettled([...this.#running]);
    for (const name of names) this.#fetched.delete(name);
    return await this.fetch(names);
  }

  /** Stops fetching. */
  close(): void {
    this.#closing.abort();
  }

  async #fetch(names: readonly string[]): Promise<Fetched> {
    const { guard } = this.#options;
    try {
      const options = { budget: fetchMs, signal: this.#closing.signal, guard };
      const { success, stderr } = await runDeno(["cache", "--quiet", ...this.flags(), ...names], options);
      if (!success) return { kind: "failed", why: stderr.replace(/^error: /, "") };
    } catch (error) {
      return { kind: "failed", why: error instanceof Error ? error.message : describeError(error) };
    }
    for (const name of names) this.#fetched.add(name);
    return { kind: "fetched" };
  }
}

function configFlags(config: string | undefined): string[] {
  return config === undefined ? ["--no-config"] : ["--config", config];
}

/**
 * Where Deno would keep a project's node_modules up to date, it would also run install scripts if deno.json allows
 * them. So an existing node_modules is used as it is, and else Deno's own cache.
 */
function modulesFlag(config: string | undefined): string[] {
  const { nodeModulesDir } = config === undefined ? {} : readDenoJson(config);
  if (config === undefined || nodeModulesDir !== "auto" && nodeModulesDir !== true) return [];
  const isThere = isFolder(join(dirname(config), "node_modules"));
  return [`--node-modules-dir=${isThere ? "manual" : "none"}`];
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
