/**
 * Checks that docs/errors.md explains every error code that a user can meet, and no code that does not exist.
 *
 * `deno run -A .ci/errors_doc.ts` prints one line for each code that is missing or too many, and then exits 1.
 */

const root = new URL("../", import.meta.url);

/** Codes that only appear between the runtime and its processes, or in examples. */
const internal = new Set(["UNKNOWN_ASK", "NO_SUCH_ITEM"]);

/** The codes of errors in a source file: what `HopperError`, `RpcError` and their subclasses are made with. */
export function codesIn(source: string): string[] {
  const made = /(?:new (?:HopperError|RpcError)|super)\(\s*"([A-Z][A-Z_]+)"|readonly code = "([A-Z_]+)"/g;
  return [...source.matchAll(made)].map(([, code, field]) => (code ?? field)!);
}

/** The codes that the page has in the first column of its tables. */
export function codesOnPage(page: string): string[] {
  return [...page.matchAll(/^\| `([A-Z][A-Z_]+)`/gm)].map(([, code]) => code!);
}

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* sources(url);
    else if (name.endsWith(".ts")) yield url;
  }
}

if (import.meta.main) {
  const codes = new Set<string>();
  for await (const url of sources(new URL("runtime/", root))) {
    for (const code of codesIn(await Deno.readTextFile(url))) if (!internal.has(code)) codes.add(code);
  }
  const explained = new Set(codesOnPage(await Deno.readTextFile(new URL("docs/errors.md", root))));
  const faults = [
    ...[...codes.difference(explained)].map((code) => `docs/errors.md does not explain '${code}'`),
    ...[...explained.difference(codes)].map((code) =>
      `docs/errors.md explains '${code}', which does not exist`
    ),
  ];
  for (const fault of faults) console.error(fault);
  console.log(`Error codes: ${codes.size}, faults: ${faults.length}`);
  if (faults.length > 0) Deno.exit(1);
}
