import { type Graph, readGraph } from "./graph.ts";
import { type ModuleOptions, ModulesUnreadable, readModules } from "./modules.ts";

// Files of which nothing could be told together are asked about alone, so many at once.
const atOnce = 4;

/** For each file what it imports, or why that cannot be told. */
export type Graphs = ReadonlyMap<string, ReturnType<Graph["get"]> | ModulesUnreadable>;

/**
 * Reads what files import; one that imports what never ends, or a pipe that nobody writes to, costs the others some
 * seconds, once. Rejects with `ModulesUnreadable` if it is not for a file: deno.json is broken, say.
 */
export async function readGraphs(files: readonly string[], options: ModuleOptions): Promise<Graphs> {
  try {
    return await readGraph(files, options);
  } catch (error) {
    if (!(error instanceof ModulesUnreadable)) throw error;
    options.signal?.throwIfAborted();
    await readModules([], options);
    if (files.length === 1) return new Map([[files[0]!, error]]);
  }
  const graphs = new Map<string, ReturnType<Graph["get"]> | ModulesUnreadable>();
  const left = [...files];
  const work = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      graphs.set(file, await alone(file, options));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return graphs;
}

async function alone(file: string, options: ModuleOptions) {
  try {
    return (await readGraph([file], options)).get(file);
  } catch (error) {
    if (error instanceof ModulesUnreadable) return error;
    throw error;
  }
}
