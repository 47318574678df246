/**
 * Checks that every file and folder named in docs/ARCHITECTURE.md and docs/promises.md exists.
 *
 * `deno run -A .ci/architecture.ts` prints one line for each that is missing, and then exits 1.
 */

const root = new URL("../", import.meta.url);

/** The paths that a page names: in backticks, relative to the project's folder, or as links relative to the page. */
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
  return paths.filter((_, i) => !found[i]).map((path) => `${page} names '${path}', which does not exist`);
}

if (import.meta.main) {
  const missing = (await Promise.all(["docs/ARCHITECTURE.md", "docs/promises.md"].map(missingIn))).flat();
  for (const line of missing) console.error(line);
  console.log(`Pages that name files: ${missing.length} missing`);
  if (missing.length > 0) Deno.exit(1);
}
