import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/** The files of the package that programs start or import, and the sources from which they are made. */
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

/** The folders of the sources, by absolute path. */
export interface Sources {
  /** The folder of the repository. */
  readonly root: string;
  /** The folder with the runtime's npm packages. */
  readonly packages: string;
}

/** The result of a bundle. */
export interface Bundle {
  /** Files of the package's folder `dist/`, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** The folders of the npm packages that are included, also of those that only another package needs. */
  readonly bundled: readonly string[];
}

/**
 * Bundles the runtime as JavaScript for Deno, and for Node 20 where it is a client, with source maps. Its npm
 * packages are included: Deno starts the command line and the functions' processes by the paths of their files, from
 * any folder, and would not find packages for them.
 */
export async function bundle({ root, packages }: Sources): Promise<Bundle> {
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, path]) => [name, `${root}/runtime/${path}`]),
    ),
    // As if the package were the repository, so that a source map names `../runtime/mod.ts`.
    outdir: join(root, "dist"),
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // An error shows the name of its class.
    keepNames: true,
    // The package is downloaded by everyone, and read through its source maps.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    sourcemap: true,
    // The sources are in the repository, and would make the package three times as large.
    sourcesContent: false,
    nodePaths: [`${packages}/node_modules`],
    // amqplib requires only modules of Node.
    banner: { js: "const require = (id) => process.getBuiltinModule(id);" },
    // Node 20 does not have it, and a library must not add globals that other code can see.
    define: { "Promise.withResolvers": "withResolvers" },
    inject: [fileURLToPath(new URL("with_resolvers.ts", import.meta.url))],
    plugins: [elsewhere],
    metafile: true,
    logLevel: "warning",
  });
  const files = await withoutLibrariesMaps(
    new Map(outputFiles.map(({ path, text }) => [basename(path), text])),
  );
  await esbuild.stop();
  return {
    files,
    bundled: [...new Set(Object.keys(metafile.inputs).flatMap(folderOf))].sort(),
  };
}

/** Chunks that are only npm packages have no use for a source map, and are made as small as they can be. */
async function withoutLibrariesMaps(files: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const kept = new Map(files);
  for (const [name, map] of files) {
    if (!name.endsWith(".map") || isOfOwnCode(map)) continue;
    const chunk = name.slice(0, -".map".length);
    const { code } = await esbuild.transform(files.get(chunk)!, {
      minify: true,
      format: "esm",
      target: "node20",
    });
    kept.delete(name);
    kept.set(chunk, code);
  }
  return kept;
}

/** Whether a source map leads to Hopper's own code. */
function isOfOwnCode(map: string): boolean {
  const { sources } = JSON.parse(map) as { sources: readonly string[] };
  return sources.some((source) => !source.includes("node_modules"));
}

function folderOf(path: string): string[] {
  return (/.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []).map((folder) => resolve(folder));
}

/**
 * Files that are in other places in the package: Hopper's own files, and the module `hopper`, which must exist only
 * once.
 */
const elsewhere: esbuild.Plugin = {
  name: "elsewhere",
  setup: (build) => {
    const path = fileURLToPath(new URL("own_files.ts", import.meta.url));
    build.onResolve({ filter: /\/own_files\.ts$/ }, () => ({ path }));
    build.onResolve({ filter: /^\.\.\/\.\.\/mod\.ts$/ }, () => ({ path: "./mod.js", external: true }));
  },
};
