/**
 * Makes the package for npm: `deno task pack` writes it to `dist/package/`, and as `dist/hopper-hopper-VERSION.tgz`.
 *
 * esbuild bundles it, because it makes files for Deno and Node out of TypeScript, splits what they share, and takes a
 * second. tsdown needs a newer Node than the package supports, and tsc cannot include packages. TypeScript's own compiler
 * writes the declarations.
 */
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };
import { bundle } from "./pack/bundle.ts";
import { declarationsOf } from "./pack/declarations.ts";
import { licencesOf } from "./pack/licences.ts";
import { packageJson } from "./pack/package_json.ts";
import { copyPage, pagePackages, preactLicence } from "./pack/page.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The finished package. */
export interface Package {
  /** The folder with its files. */
  readonly folder: string;
  readonly tarball: string;
  readonly description: ReturnType<typeof packageJson>;
}

/** Makes the package in the folder `dist`, which is emptied first. */
export async function pack(dist: string): Promise<Package> {
  const folder = join(dist, "package");
  const runtime = join(root, "runtime");
  await Deno.remove(folder, { recursive: true }).catch(unlessMissing);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.remove(join(dist, "packages"), { recursive: true }).catch(unlessMissing);
  const packages = await install(join(dist, "packages"));
  const { files, bundled } = await bundle({ root, packages });
  for (const [name, text] of files) await write(join(folder, "dist", name), text);
  const description = packageJson(manifest);
  const entries = Object.values(manifest.exports).map((path) => path.replace("./runtime/", ""));
  const read = (path: string) => Deno.readTextFile(join(runtime, path));
  for (const [path, text] of await declarationsOf(entries, read)) {
    await write(join(folder, "types", path), text);
  }
  for (const { types, default: path } of Object.values(description.exports)) {
    await sayTypes(join(folder, path), `.${types}`);
  }
  await Deno.chmod(join(folder, description.bin.hopper), 0o755);
  await write(join(folder, "package.json"), json(description));
  await write(join(folder, "deno.json"), json({ imports: ownImports }));
  const modules = join(packages, "node_modules");
  await copyPage(join(folder, "page"), modules);
  const licences = await licencesOf([...bundled, ...pagePackages.map((name) => join(modules, name))]);
  await write(join(folder, "LICENSES.txt"), `${licences}\n\n${preactLicence}`);
  await Deno.mkdir(join(folder, "functions"));
  for await (const { name } of Deno.readDir(join(root, "functions"))) {
    await Deno.copyFile(join(root, "functions", name), join(folder, "functions", name));
  }
  await cp(join(root, "docs/recipes"), join(folder, "recipes"), { recursive: true });
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    await Deno.copyFile(join(root, name), join(folder, name));
  }
  await Deno.remove(packages, { recursive: true });
  const tarball = join(dist, `hopper-hopper-${manifest.version}.tgz`);
  await run("tar", [
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--use-compress-program=gzip -9",
    "-cf",
    tarball,
    "-C",
    dist,
    "package",
  ], root);
  return { folder, tarball, description };
}

/** Tells Deno where a module's declarations are. The comment is in the first line, so that no line moves. */
async function sayTypes(path: string, types: string): Promise<void> {
  await Deno.writeTextFile(path, `/* @ts-self-types="${types}" */ ${await Deno.readTextFile(path)}`);
}

/** The imports for functions in a folder that has no deno.json. */
const ownImports = {
  "hopper": "./dist/mod.js",
  "hopper/client": "./dist/client.js",
  "hopper/testing": "./dist/testing.js",
};

/**
 * Installs the runtime's npm packages in a separate folder, with their locked versions, so that esbuild finds them.
 */
async function install(folder: string): Promise<string> {
  const imports = Object.entries(manifest.imports).filter(([, to]) => to.startsWith("npm:"));
  await write(
    join(folder, "deno.json"),
    json({ nodeModulesDir: "auto", imports: Object.fromEntries(imports) }),
  );
  await Deno.copyFile(join(root, "deno.lock"), join(folder, "deno.lock"));
  await run(Deno.execPath(), ["install", "--quiet", "--frozen"], folder);
  return folder;
}

async function run(command: string, args: string[], cwd: string): Promise<void> {
  const { success } = await new Deno.Command(command, { args, cwd, stdin: "null", stdout: "inherit" })
    .output();
  if (!success) throw new Error(`${command} ${args[0]} failed`);
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}

const json = (value: unknown) => JSON.stringify(value, null, 2) + "\n";

function unlessMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) {
  const { folder, tarball } = await pack(join(root, "dist"));
  const { size } = await Deno.stat(tarball);
  console.log(`${folder}\n${tarball}   ${Math.ceil(size / 1024)} KB`);
}
