/** Counts what this process reads in a folder. */

/** How often each file was read, and each folder listed, by absolute path. */
export interface DiskReads extends Disposable {
  readonly files: ReadonlyMap<string, number>;
  readonly folders: ReadonlyMap<string, number>;
}

const reading = [
  "readFile",
  "readFileSync",
  "readTextFile",
  "readTextFileSync",
  "open",
  "openSync",
  "copyFile",
] as const;
const listing = ["readDir", "readDirSync"] as const;

/** Counts reads below a folder until it is disposed. Other processes are not counted. */
export function countDiskReads(folder: string): DiskReads {
  const files = new Map<string, number>();
  const folders = new Map<string, number>();
  using stack = new DisposableStack();
  const count = (names: readonly (keyof typeof Deno)[], counts: Map<string, number>) => {
    for (const name of names) {
      const real = Deno[name] as (path: string | URL, ...rest: unknown[]) => unknown;
      const counted = (path: string | URL, ...rest: unknown[]) => {
        const at = String(path);
        if (at.startsWith(folder)) counts.set(at, (counts.get(at) ?? 0) + 1);
        return real.call(Deno, path, ...rest);
      };
      Object.assign(Deno, { [name]: counted });
      stack.defer(() => Object.assign(Deno, { [name]: real }));
    }
  };
  count(reading, files);
  count(listing, folders);
  const owned = stack.move();
  return { files, folders, [Symbol.dispose]: () => owned.dispose() };
}
