/** Finds files that import each other in a circle. */

/** One import: a file, and the file that it names. */
export interface Edge {
  file: string;
  target: string;
  /** Whether only types are imported, which does not exist at run time. */
  isType: boolean;
}

/** Files that all import each other, directly or not, in order, and the shortest circle from the first of them. */
interface Circle {
  files: readonly string[];
  way: readonly string[];
}

/**
 * The circles, one readable line each.
 *
 * @param known circles of types that are meant: all their files in order, joined by ", ", and the reason
 */
export function findCircles(edges: readonly Edge[], known: Readonly<Record<string, string>>): string[] {
  const values = circlesOf(edges.filter(({ isType }) => !isType));
  const inValues = new Set(values.flatMap(({ files }) => files));
  const types = circlesOf(edges).filter(({ files }) =>
    known[files.join(", ")] === undefined && !files.some((file) => inValues.has(file))
  );
  return [
    ...values.map((circle) =>
      `${shown(circle)} is a circle of imports; let one file know a port of the other`
    ),
    ...types.map((circle) =>
      `${
        shown(circle)
      } is a circle of type imports; move what both need into a file of its own, let one know a ` +
      "port of the other, or list it in .ci/import_table.ts with the reason"
    ),
  ];
}

const shown = ({ way }: Circle): string => [...way, way[0]].join(" → ");

function circlesOf(edges: readonly Edge[]): Circle[] {
  const targets = Map.groupBy(edges, ({ file }) => file);
  const next = (file: string) => (targets.get(file) ?? []).map(({ target }) => target);
  const circles: Circle[] = [];
  const seen = new Set<string>();
  for (const file of [...targets.keys()].sort()) {
    const way = seen.has(file) ? undefined : wayBack(file, next);
    if (!way) continue;
    const files = [...reachedFrom(file, next)].filter((other) => reachedFrom(other, next).has(file)).sort();
    for (const each of files) seen.add(each);
    circles.push({ files, way });
  }
  return circles;
}

/** The shortest path from the file back to itself. */
function wayBack(start: string, next: (file: string) => string[]): string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  // The loop also visits entries that are added to the list meanwhile, so the shortest paths come first.
  for (const way of ways) {
    for (const target of next(way.at(-1)!)) {
      if (target === start) return way;
      if (!seen.has(target)) ways.push([...way, target]);
      seen.add(target);
    }
  }
}

function reachedFrom(start: string, next: (file: string) => string[]): Set<string> {
  const reached = new Set(next(start));
  for (const file of reached) for (const target of next(file)) reached.add(target);
  return reached;
}
