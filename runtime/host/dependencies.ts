const packageImport = /(?:\bfrom|\bimport)\s*\(?\s*(["'])(?:npm:|jsr:|https?:|[^./"'][^"':\n]*\1)/;

/** Whether a text imports anything but local files and what Deno brings along. */
export function importsPackages(text: string): boolean {
  return packageImport.test(text.replaceAll(/(["'])(?:node:[^"']+|hopper(?:\/\w+)?)\1/g, ""));
}

// Fetching may take a while; a registry that does not answer shall not keep the file waiting for ever.
const fetchMs = 120_000;

/** Fetches what files import from a registry, so that their processes, which may fetch nothing, find it. */
export class Dependencies {
  readonly #config: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** `config` is the deno.json whose import map counts, and whose lock file is kept. */
  constructor(config: string | undefined) {
    this.#config = config;
  }

  /** Fetches for one file, and runs none of its code. Gives what Deno said if that failed. */
  fetchFor(path: string): Promise<string | undefined> {
    // One at a time: they write the same lock file.
    const fetched = this.#last.then(() => this.#fetch(path));
    this.#last = fetched.catch(() => {});
    return fetched;
  }

  async #fetch(path: string): Promise<string | undefined> {
    const config = this.#config === undefined ? ["--no-config"] : ["--config", this.#config];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["cache", "--quiet", ...config, path],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(fetchMs),
    }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  }
}
