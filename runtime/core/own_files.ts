/**
 * Where Hopper's own files are, from the sources as they lie here. The package for npm has them in other places, and a
 * module of its own instead of this one: `.ci/pack/own_files.ts`.
 */
const at = (path: string) => new URL(`../${path}`, import.meta.url);

/** The folder of Hopper's own code, with a slash at its end. */
export const ownFolder: URL = at("");

/** The deno.json that knows `hopper`, for functions of a folder that has none. */
export const ownConfig: URL = at("../deno.json");

/** The functions of the RabbitMQ tutorial, with a slash at its end. */
export const ownTutorial: URL = at("../functions/");

/** The recipes that a project can begin with, each in a folder of its own, with a slash at its end. */
export const ownRecipes: URL = at("../docs/recipes/");

/** The files of the page at `/`, with a slash at its end. */
export const ownPage: URL = at("observe/page/");

const from = (name: string) => () => new URL(import.meta.resolve(name));

/** The libraries of the page, by their addresses below `/page/`. They are where Deno or npm keeps them. */
export const ownLibraries = {
  "lib/preact.js": from("htm/preact/standalone"),
  "lib/uplot.js": from("uplot/dist/uPlot.esm.js"),
  "lib/uplot.css": from("uplot/dist/uPlot.min.css"),
} as const;

/** What functions, programs and tests import, by the name they import it by. */
export const ownModules = {
  "hopper": at("mod.ts"),
  "hopper/client": at("client/mod.ts"),
  "hopper/testing": at("testing.ts"),
} as const;

/** What Hopper starts processes and workers with. */
export const ownPrograms = {
  /** The command line. */
  command: at("cli/main.ts"),
  /** Runs a function. */
  function: at("host/child/main.ts"),
  /** Reads what files declare, each in a worker that runs `declaring`. */
  reader: at("host/child/reader.ts"),
  declaring: at("host/child/declaring.ts"),
} as const;
