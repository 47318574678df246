import { pathToFileURL } from "node:url";
import type { FileProblem, FunctionFile } from "../core/declared.ts";
import type { Dependencies } from "./dependencies.ts";
import { any, deniedAtLoad, harmless, harmlessIn, whatToAsk } from "./harmless.ts";
import { imports, packagesIn } from "./imports.ts";
import type { LoadedThere, Texts } from "./load_into.ts";
import type { ProcessPool } from "./pool.ts";
import { probe } from "./probe.ts";
import type { ProcessSpec } from "./spawn.ts";

// No permission at all, and the heap of most functions, so that a process that is ready serves for both.
const plain: ProcessSpec = { permissions: [], env: {}, memory: 128 };

/** Reads what files declare in processes that may do nothing, and sees to it that these know their packages. */
export class Declarations {
  readonly #folder: string;
  readonly #pool: ProcessPool;
  readonly #dependencies: Dependencies;

  /** `folder` is the URL of the functions folder. */
  constructor(folder: string, pool: ProcessPool, dependencies: Dependencies) {
    this.#folder = folder;
    this.#pool = pool;
    this.#dependencies = dependencies;
  }

  /** The promises reject if no process can be started. */
  read(files: readonly FunctionFile[], texts: Texts): Promise<LoadedThere>[] {
    return this.#probe(files, texts, plain).map(async (loading, i) => {
      const file = files[i]!;
      const loaded = await this.#withPackages(file, await loading, texts);
      return await this.#withEnvironment(file, loaded, texts);
    });
  }

  /** A package may never have been fetched; what failed to load may have failed for one that a package needs. */
  async #withPackages(file: FunctionFile, loaded: LoadedThere, texts: Texts): Promise<LoadedThere> {
    const named = namedBy(file, texts);
    const failed = loaded.kind === "problem" && loaded.process === undefined;
    if (named.length === 0 || !failed && !loaded.lacks && !await isAnyMissing(loaded.packages)) return loaded;
    const fetched = await this.#dependencies.fetchFor(file.path, named);
    if (fetched.kind === "failed") return unfetched(file, loaded, fetched.why);
    // Those that were started before do not know of it.
    if (fetched.kind === "fetched") await this.#pool.renew();
    return await this.#probe([file], texts, plain)[0]!;
  }

  /** A package may look at its environment when it is loaded: it finds an empty one, of the names the file asks for. */
  async #withEnvironment(file: FunctionFile, loaded: LoadedThere, texts: Texts): Promise<LoadedThere> {
    if (loaded.kind !== "problem" || deniedAtLoad(loaded.problem) === undefined) return loaded;
    const asking = await this.#probe([file], texts, harmless(any))[0]!;
    if (asking.kind === "problem") return asking;
    const asked = harmlessIn(asking.declaration.options);
    const result = await this.#probe([file], texts, harmless(asked))[0]!;
    return result.kind === "problem" ? { ...result, problem: whatToAsk(result.problem, asked) } : result;
  }

  #probe(files: readonly FunctionFile[], texts: Texts, spec: ProcessSpec): Promise<LoadedThere>[] {
    return probe(
      files.map((file) => ({
        name: file.name,
        file: file.file,
        entry: pathToFileURL(file.path).href,
        folder: this.#folder,
        packages: [],
        named: namedBy(file, texts),
      })),
      { texts, spec, pool: this.#pool },
    );
  }
}

/** What a file and its helpers call packages. */
function namedBy({ path }: FunctionFile, texts: Texts): string[] {
  return packagesIn(imports([pathToFileURL(path).href], texts).map((url) => texts[url]!));
}

async function isAnyMissing(urls: readonly string[]): Promise<boolean> {
  const found = await Promise.all(urls.map((url) => Deno.stat(new URL(url)).then(() => true, () => false)));
  return found.includes(false);
}

function unfetched({ file }: FunctionFile, loaded: LoadedThere, why: string): LoadedThere {
  const failure = `its packages could not be fetched: ${why}`;
  const problem: FileProblem = loaded.kind === "problem"
    ? { ...loaded.problem, message: `${loaded.problem.message}; ${failure}` }
    : {
      file,
      message: `It loads, but ${failure}`,
      fix: "check the name and version, and whether the registry can be reached",
    };
  return { kind: "problem", problem, loaded: loaded.loaded, packages: loaded.packages, lacks: loaded.lacks };
}
