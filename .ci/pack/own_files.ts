/**
 * Replaces `runtime/core/own_files.ts` in the package for npm, whose modules are in one folder, `dist/`, and
 * according to the source maps in `runtime/` beside it.
 */
const at = (path: string) => new URL(path, import.meta.url);

export const ownFolder: URL = at("../");
export const ownConfig: URL = at("../deno.json");
export const ownTutorial: URL = at("../functions/");
export const ownRecipes: URL = at("../recipes/");
export const ownPage: URL = at("../page/");
export const ownLibraries = {
  "lib/preact.js": () => at("../page/lib/preact.js"),
  "lib/uplot.js": () => at("../page/lib/uplot.js"),
  "lib/uplot.css": () => at("../page/lib/uplot.css"),
} as const;
export const ownModules = {
  "hopper": at("mod.js"),
  "hopper/client": at("client.js"),
  "hopper/testing": at("testing.js"),
} as const;
export const ownPrograms = {
  command: at("cli.js"),
  function: at("function.js"),
  reader: at("reader.js"),
  declaring: at("declaring.js"),
} as const;
