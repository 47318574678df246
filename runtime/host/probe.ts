import { type FileToLoad, type LoadedThere, loadInto, type Texts } from "./load_into.ts";
import type { HostProcess, ProcessSpec } from "./process.ts";
import type { ProcessPool } from "./pool.ts";

// Two at once: the next file is read by one process while another still starts, or is stuck.
const mostAtOnce = 2;

/**
 * Reads the declarations of files in processes that may do nothing, many files in each. A file that ends the process,
 * or keeps it, costs itself alone: the others are read by another one. `spec` is what such a process may do.
 */
export async function probe(
  files: readonly FileToLoad[],
  texts: Texts,
  spec: ProcessSpec,
  pool: ProcessPool,
): Promise<LoadedThere[]> {
  const results: LoadedThere[] = [];
  let next = 0;
  const work = async () => {
    let process: HostProcess | undefined;
    while (next < files.length) {
      const index = next++;
      const fresh: boolean = process === undefined;
      process ??= await pool.take(spec);
      let result = await loadInto(process, files[index]!, texts, fresh ? texts : {});
      const gone = goneAfter(result);
      if (gone) {
        process = undefined;
        // What ended it may be left over from a file before: alone, a file is to blame for itself.
        if (!fresh && gone === "ended") ({ result, process } = await alone(files[index]!, texts, spec, pool));
      }
      results[index] = result;
    }
    await process?.close();
  };
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, files.length) }, work));
  return results;
}

async function alone(file: FileToLoad, texts: Texts, spec: ProcessSpec, pool: ProcessPool) {
  const process = await pool.take(spec);
  const result = await loadInto(process, file, texts, texts);
  return { result, process: goneAfter(result) ? undefined : process };
}

function goneAfter(result: LoadedThere): "ended" | "stuck" | undefined {
  return result.kind === "problem" ? result.process : undefined;
}
