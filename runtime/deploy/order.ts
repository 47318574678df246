import type { Graph } from "../discover/code/graph.ts";

/**
 * The order in which files are placed: a file comes after the modules it imports, and helpers come before functions.
 * Counting all direct and indirect imports is enough, because a file has more of them than any module it imports
 * (except in import cycles, which have no order).
 */
export function placingOrder(
  files: readonly string[],
  functions: ReadonlySet<string>,
  graph: Graph,
): string[] {
  const imports = (file: string) => graph.get(file)?.files.length ?? 0;
  const isFunction = (file: string) => functions.has(file) ? 1 : 0;
  return files.toSorted((a, b) =>
    imports(a) - imports(b) || isFunction(a) - isFunction(b) || (a < b ? -1 : 1)
  );
}
