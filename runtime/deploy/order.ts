import type { Graph } from "../discover/graph.ts";

/**
 * The order in which files are placed: none before a module that it imports, and helpers before functions. A file
 * imports more modules than any of those it imports does, so counting them is enough, but for circles.
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
