/** What a package is imported by: `npm:…`, or a name that deno.json gives it. */
const packageImport = /(?:\bfrom|\bimport)\s*\(?\s*(["'])(npm:[^"'\n]+|[^./"'\n:][^"':\n]*)\1/g;

/** The packages that texts import, at once or only later, by what they are imported as; Hopper's own are none. */
export function packagesIn(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => [...text.matchAll(packageImport)].map(([, , name]) => name!));
  return [...new Set(found)].filter((name) => !/^hopper(?:\/|$)/.test(name));
}

const relativeImport = /(?:\bfrom|\bimport)\s*\(?\s*(["'])(\.{1,2}\/[^"'\n]+)\1/g;

/**
 * The files that were loaded, and those that they import only later: `import("./x.ts")` within a handler. What such an
 * import computes cannot be known, and is not followed.
 */
export function imports(loaded: readonly string[], texts: Readonly<Record<string, string>>): string[] {
  const found = new Set(loaded.filter((url) => Object.hasOwn(texts, url)));
  // A set that grows while it is walked is walked to its end.
  for (const url of found) {
    for (const [, , path] of texts[url]!.matchAll(relativeImport)) {
      const target = new URL(path!, url).href;
      if (Object.hasOwn(texts, target)) found.add(target);
    }
  }
  return [...found];
}
