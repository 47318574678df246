/**
 * What `runtime/core/own_files.ts` says, in the package for npm: its modules lie in one folder, `dist/`, and by its source
 * maps in `runtime/`, beside that.
 */
const at = (path: string) => new URL(path, import.meta.url);

export const ownFolder: URL = at("../");
export const ownConfig: URL = at("../deno.json");
export const ownTutorial: URL = at("../functions/");
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
