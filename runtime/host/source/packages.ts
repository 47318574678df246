import { dirname, join } from "node:path";
import { describeError } from "../../core/api/errors.ts";
import { type ProcessGuard, runDeno } from "../../core/deno_command.ts";
import { ownPrograms } from "../../core/own_files.ts";

/** How fetching ended: there was nothing to do, or Deno has fetched, or why it could not. */
export type Fetched =
  | { readonly kind: "there" }
  | { readonly kind: "fetched" }
  | { readonly kind: "failed"; readonly why: string };

/** Where packages are named and noted. */
export interface PackagesOptions {
  /** The deno.json whose import map counts. */
  readonly config: string | undefined;
  /** The folder of deno.lock. Default: that of `config`. */
  readonly root?: string;
  /** A lock file of the runtime's own, which begins as the project's. */
  readonly lock: string;
  readonly guard: ProcessGuard;
}

// Whatever it caches, here a module that imports no package, Deno fetches what is locked first.
const installs = ownPrograms.reader.href;

// A registry that does not answer shall not keep a file waiting for ever.
const fetchMs = 60_000;

// A file whose registry is slow keeps others waiting once so many are.
const atOnce = 4;

/**
 * Fetches packages from a registry, so that the processes of functions, which may fetch nothing, find them. No code of
 * theirs runs, be it a script that a package wants run when it is installed.
 */
export class Packages {
  readonly #options: PackagesOptions;
  /** What has been fetched since the start, by what it is imported as. */
  readonly #fetched = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<Fetched>>();
  #fetching = 0;
  #installing: Promise<Fetched["kind"]> | undefined;

  constructor(options: PackagesOptions) {
    this.#options = options;
  }

  /** What `deno` is told so that it takes packages from where the project has them, be it with another deno.json. */
  flags(config: string | undefined = this.#options.config): readonly string[] {
    return [...configFlags(config), `--lock=${this.#options.lock}`, ...modulesFlag(config)];
  }

  /** Notes the versions that the project has locked, where it has; the project's own file is never written. */
  async noteLocked(): Promise<void> {
    const { config, lock } = this.#options;
    if (config === undefined) return;
    const { root = dirname(config) } = this.#options;
    await Deno.copyFile(join(root, "deno.lock"), lock).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  /**
   * Fetches packages, as `npm:ms@2.1.3`, and what they depend on, unless all of them have been. Processes that were
   * started before do not know of them.
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
   * Fetches packages once nobody else fetches: together with what others brought, Deno may want other versions of what
   * they depend on.
   */
  async fetchAgain(names: readonly string[]): Promise<Fetched> {
    await Promise.allSettled([...this.#running]);
    for (const name of names) this.#fetched.delete(name);
    return await this.fetch(names);
  }

  /** Breaks off what is being fetched. */
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
 * Where a project has a node_modules that Deno would keep up to date, it would run scripts of packages if deno.json says
 * so: what is there already is used, and else Deno's own cache.
 */
function modulesFlag(config: string | undefined): string[] {
  if (config === undefined || !/"nodeModulesDir"\s*:\s*(?:"auto"|true)/.test(textOf(config))) return [];
  const isThere = isFolder(join(dirname(config), "node_modules"));
  return [`--node-modules-dir=${isThere ? "manual" : "none"}`];
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
