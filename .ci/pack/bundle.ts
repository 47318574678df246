import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/** What programs are started with, or import: files of the package, and the sources they are made from. */
const entries = {
  mod: "mod.ts",
  client: "client/mod.ts",
  testing: "testing.ts",
  hopper: "cli/npm.ts",
  cli: "cli/main.ts",
  function: "host/child/main.ts",
  reader: "host/child/reader.ts",
  declaring: "host/child/declaring.ts",
};

/** Where the sources are; folders, by absolute path. */
export interface Sources {
  /** The repository. */
  readonly root: string;
  /** Where the packages are that the runtime imports. */
  readonly packages: string;
}

/** What the sources are made into. */
export interface Bundle {
  /** Files of the package's folder `dist/`, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** The packages that are part of it. */
  readonly bundled: readonly string[];
}

/**
 * Makes the runtime into JavaScript for Deno, and Node 20 where it is a client, with source maps. What it imports of npm
 * is part of it: the command line and the processes of functions are files that Deno is given by their path, from
 * whatever folder, and finds no packages for.
 */
export async function bundle({ root, packages }: Sources): Promise<Bundle> {
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, path]) => [name, `${root}/runtime/${path}`]),
    ),
    // As if the package were the repository: a source map says `../runtime/mod.ts`.
    outdir: join(root, "dist"),
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // An error says the name of its class.
    keepNames: true,
    sourcemap: true,
    // They are in the repository, and would make the package three times as large.
    sourcesContent: false,
    nodePaths: [`${packages}/node_modules`],
    // amqplib requires modules of Node, and nothing else.
    banner: { js: "const require = (id) => process.getBuiltinModule(id);" },
    // Node 20 lacks it; a library does not change what other code finds in its globals.
    define: { "Promise.withResolvers": "withResolvers" },
    inject: [fileURLToPath(new URL("with_resolvers.ts", import.meta.url))],
    plugins: [elsewhere],
    metafile: true,
    logLevel: "warning",
  });
  await esbuild.stop();
  return {
    files: new Map(outputFiles.map(({ path, text }) => [basename(path), text])),
    bundled: [...new Set(Object.keys(metafile.inputs).flatMap(packageOf))].sort(),
  };
}

function packageOf(path: string): string[] {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.slice(1) ?? [];
}

/** What is elsewhere in the package: Hopper's own files, and `hopper` as functions import it, which is one module. */
const elsewhere: esbuild.Plugin = {
  name: "elsewhere",
  setup: (build) => {
    const path = fileURLToPath(new URL("own_files.ts", import.meta.url));
    build.onResolve({ filter: /\/own_files\.ts$/ }, () => ({ path }));
    build.onResolve({ filter: /^\.\.\/\.\.\/mod\.ts$/ }, () => ({ path: "./mod.js", external: true }));
  },
};
