/**
 * Fetches and compiles the contenders of others: packages of npm, as the lock file pins them, in a cache folder of their
 * own, and a C program where a compiler and librabbitmq are installed. Nothing of it is in the project.
 */

import { fileURLToPath } from "node:url";
import { type Contender, needsPackages } from "./contenders.ts";
import type { Installed } from "./commands.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Programs that also run on Deno, and are compiled for Node. */
const shared = ["kit", "job", "by_hand", "envelopes"];

/** What is needed to start these contenders, and those that are left out because something is missing. */
export interface Installation {
  readonly installed: Installed;
  readonly leftOut: readonly string[];
}

/** @throws Error that says what to do, when npm or Node is missing or npm fails */
export async function install(
  wanted: readonly Contender[],
  progress: (line: string) => void,
): Promise<Installation> {
  const programs = wanted.some(needsPackages) ? await installPackages(progress) : undefined;
  const limit = wanted.some(({ platform }) => platform === "c") ? await compileLimit(progress) : undefined;
  const leftOut = limit === undefined ? wanted.filter(({ platform }) => platform === "c") : [];
  return { installed: { programs, limit }, leftOut: leftOut.map(({ id }) => id) };
}

/** Installs what the lock file pins, once, and returns the folder of the programs next to it. */
async function installPackages(progress: (line: string) => void): Promise<string> {
  for (const program of ["node", "npm"]) {
    if (await runs(program, ["--version"])) continue;
    throw new Error(
      `'${program}' is not installed, and libraries of npm are compared with; install Node (https://nodejs.org), ` +
        "or leave them out: --only hopper,hopper-inline,hopper-client",
    );
  }
  const lock = await Deno.readFile(here("contenders/package-lock.json"));
  const folder = `${cacheFolder()}/${await shortHash(lock)}`;
  const isDone = await Deno.stat(`${folder}/installed`).then(() => true, () => false);
  if (!isDone) {
    progress(`Installing the contenders of npm into ${folder}`);
    await Deno.mkdir(folder, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) {
      await Deno.copyFile(here(`contenders/${file}`), `${folder}/${file}`);
    }
    const args = ["ci", "--no-audit", "--no-fund"];
    const { success, stderr } = await new Deno.Command("npm", { args, cwd: folder, stdin: "null" }).output();
    if (!success) throw new Error(`'npm ci' failed in ${folder}:\n${new TextDecoder().decode(stderr)}`);
    await Deno.writeTextFile(`${folder}/installed`, "");
  }
  await compilePrograms(`${folder}/programs`);
  return `${folder}/programs`;
}

/** Takes the types out of the programs. Frameworks need TypeScript's own decorators, which Deno has no more. */
async function compilePrograms(folder: string): Promise<void> {
  const { default: ts } = await import("typescript");
  await Deno.mkdir(folder, { recursive: true });
  const own = [...Deno.readDirSync(here("contenders"))].map(({ name }) => name)
    .filter((name) => name.endsWith(".ts")).map((name) => `contenders/${name}`);
  for (const path of [...own, ...shared.map((name) => `programs/${name}.ts`)]) {
    const { outputText } = ts.transpileModule(await Deno.readTextFile(here(path)), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    const name = path.slice(path.indexOf("/") + 1).replace(/\.ts$/, ".js");
    await Deno.writeTextFile(`${folder}/${name}`, outputText);
  }
}

async function compileLimit(progress: (line: string) => void): Promise<string | undefined> {
  const folder = cacheFolder();
  await Deno.mkdir(folder, { recursive: true });
  const args = ["-O2", "-o", `${folder}/limit`, here("contenders/limit.c"), "-lrabbitmq"];
  if (await runs("cc", args)) return `${folder}/limit`;
  progress(
    "C is left out: it needs a compiler and librabbitmq (Debian: apt-get install gcc librabbitmq-dev)",
  );
}

/** Whether a program is there, and succeeds. */
async function runs(program: string, args: string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function cacheFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "."}/.cache`;
  return `${cache}/hopper-bench`;
}

async function shortHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.slice(0, 6).toHex();
}
