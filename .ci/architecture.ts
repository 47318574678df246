/**
 * Holds docs/ARCHITECTURE.md and docs/promises.md to the files that there are.
 *
 * `deno run -A .ci/architecture.ts` prints a line for each file or folder that is named and missing, and then exits 1.
 */

const root = new URL("../", import.meta.url);

/** The paths that a page names: in backticks from the root, or as links beside the page. */
export function pathsIn(page: string): string[] {
  const named = [...page.matchAll(/`((?:runtime|tests|functions|\.ci)\/[\w./-]*)`/g)].map(([, path]) =>
    path!
  );
  const linked = [...page.matchAll(/\]\(\.\.\/([\w./-]+)\)/g)].map(([, path]) => path!);
  return [...new Set([...named, ...linked])];
}

async function missingIn(page: string): Promise<string[]> {
  const paths = pathsIn(await Deno.readTextFile(new URL(page, root)));
  const found = await Promise.all(
    paths.map((path) => Deno.stat(new URL(path, root)).then(() => true, () => false)),
  );
  return paths.filter((_, i) => !found[i]).map((path) => `${page} names '${path}', which is not there`);
}

if (import.meta.main) {
  const missing = (await Promise.all(["docs/ARCHITECTURE.md", "docs/promises.md"].map(missingIn))).flat();
  for (const line of missing) console.error(line);
  console.log(`Pages that name files: ${missing.length} missing`);
  if (missing.length > 0) Deno.exit(1);
}
