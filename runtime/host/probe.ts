import { type FileToLoad, type LoadedThere, loadInto, type Texts } from "./load_into.ts";
import type { ProcessPool } from "./pool.ts";
import type { HostProcess } from "./process.ts";
import type { ProcessSpec } from "./spawn.ts";

/** What reading declarations takes. */
export interface ProbeParts {
  /** Every text that a file may import. */
  readonly texts: Texts;
  /** What a process that reads them may do. */
  readonly spec: ProcessSpec;
  readonly pool: ProcessPool;
}

// Two at once: the next file is read by one process while another still starts.
const atOnce = 2;

// A file that takes longer no longer keeps the next ones from being read, by a further process.
const slowMs = 500;
const mostAtOnce = 8;

/**
 * Reads the declarations of files in processes that may do nothing, many files in each. A file that ends the process,
 * or keeps it, costs itself alone: the others are read by another one. The promises reject if no process can be
 * started.
 */
export function probe(files: readonly FileToLoad[], parts: ProbeParts): Promise<LoadedThere>[] {
  const results = files.map(() => Promise.withResolvers<LoadedThere>());
  let next = 0;
  let workers = 0;
  const work = async () => {
    workers++;
    const prober = new Prober(parts);
    while (next < files.length) {
      const index = next++;
      const slow = setTimeout(() => next < files.length && workers < mostAtOnce && work(), slowMs);
      await prober.read(files[index]!).then(results[index]!.resolve, results[index]!.reject);
      clearTimeout(slow);
    }
    await prober.close();
    workers--;
  };
  for (let i = 0; i < Math.min(atOnce, files.length); i++) work();
  return results.map(({ promise }) => promise);
}

/** One process after another: the next one once the one before is gone. */
class Prober {
  readonly #parts: ProbeParts;
  #process: HostProcess | undefined;

  constructor(parts: ProbeParts) {
    this.#parts = parts;
  }

  async read(file: FileToLoad): Promise<LoadedThere> {
    const isFresh = this.#process === undefined;
    const result = await this.#load(file, isFresh);
    if (isFresh || result.kind === "declaration") return result;
    // What is wrong may be left over from a file before: alone, a file is to blame for itself.
    await this.close();
    return await this.#load(file, true);
  }

  async close(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    await process?.close();
  }

  async #load(file: FileToLoad, isFresh: boolean): Promise<LoadedThere> {
    const { texts, spec, pool } = this.#parts;
    const process = this.#process ??= await pool.take(spec);
    const result = await loadInto(process, file, texts, isFresh ? texts : {});
    if (result.kind === "problem" && result.process !== undefined) this.#process = undefined;
    return result;
  }
}
