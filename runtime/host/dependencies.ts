// Fetching may take a while; a registry that does not answer shall not keep the file waiting for ever.
const fetchMs = 120_000;

/** How fetching ended: there was nothing to do, or Deno has fetched, or why it could not. */
export type Fetched =
  | { readonly kind: "there" }
  | { readonly kind: "fetched" }
  | { readonly kind: "failed"; readonly why: string };

/** Fetches what files import from a registry, so that their processes, which may fetch nothing, find it. */
export class Dependencies {
  readonly #config: string | undefined;
  /** What has been fetched since the start, by what it is imported as. */
  readonly #fetched = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  /** `config` is the deno.json whose import map counts, and whose lock file is kept. */
  constructor(config: string | undefined) {
    this.#config = config;
  }

  /**
   * Fetches what one file imports, the packages of these names among it, unless all of them have been; runs none of its
   * code. Processes that were started before do not know of them.
   */
  fetchFor(path: string, packages: readonly string[]): Promise<Fetched> {
    // One at a time: they write the same lock file.
    const fetched = this.#last.then(() => this.#fetch(path, packages));
    this.#last = fetched.catch(() => {});
    return fetched;
  }

  async #fetch(path: string, packages: readonly string[]): Promise<Fetched> {
    if (packages.every((name) => this.#fetched.has(name))) return { kind: "there" };
    const config = this.#config === undefined ? ["--no-config"] : ["--config", this.#config];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["cache", "--quiet", ...config, path],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(fetchMs),
    }).output();
    if (!success) return { kind: "failed", why: new TextDecoder().decode(stderr).trim() };
    for (const name of packages) this.#fetched.add(name);
    return { kind: "fetched" };
  }
}
