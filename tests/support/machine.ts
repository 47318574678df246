/** A machine that has the packed Hopper: a separate environment with only Node or only Deno. */

import { basename, join } from "node:path";
import { pack, type Package } from "../../.ci/pack.ts";
import { type NpmRegistry, serveNpm } from "./npm_registry.ts";
import { type Exit, type Program, run, start } from "./process.ts";

// Long enough to fetch packages and to check types for the first time.
const patience = 120_000;

/** The environment of the machine's programs. */
export interface Machine extends AsyncDisposable {
  /** An empty folder. */
  readonly folder: string;
  /** Runs a program to its end, in a folder below. */
  run(folder: string, program: string, ...args: string[]): Promise<Exit>;
  /** Starts a program that keeps running. */
  start(folder: string, program: string, ...args: string[]): Program;
}

/** The variables that are needed to reach a registry: certificates and proxies. */
const network = /^(?:SSL_CERT_|DENO_CERT|DENO_TLS_|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)/i;

/** The package from `deno task pack`, in a folder of the test's own. */
export async function packed(): Promise<Package & AsyncDisposable> {
  const dist = await Deno.makeTempDir({ prefix: "hopper-pack-" });
  const made = await pack(join(dist, "dist"));
  return { ...made, [Symbol.asyncDispose]: () => Deno.remove(dist, { recursive: true }) };
}

/** Whether Node is installed here. Prints a notice if it is not. */
export async function hasNode(): Promise<boolean> {
  const isThere = await output("which", "npm") !== "";
  if (!isThere) console.error("Node is not installed: what the package does under Node is not tested");
  return isThere;
}

/** A machine with Node and npm, and without Deno, where the tarball is installed in the folder. */
export async function nodeMachine({ tarball }: Package): Promise<Machine> {
  const cache = await output("npm", "config", "get", "cache");
  const programs = await Promise.all(["node", "npm", "npx", "sh"].map((name) => output("which", name)));
  const env = {
    npm_config_cache: cache,
    npm_config_update_notifier: "false",
    npm_config_prefer_offline: "true",
  };
  const machine = await createMachine(programs, env);
  await Deno.writeTextFile(join(machine.folder, "package.json"), "{}");
  const { code, stderr } = await machine.run(".", "npm", "install", "--no-audit", "--no-fund", tarball);
  if (code === 0) return machine;
  await machine[Symbol.asyncDispose]();
  throw new Error(`npm install failed: ${stderr}`);
}

/** A machine with Deno, and without Node, whose registry has the package. */
export async function denoMachine(made: Package): Promise<Machine> {
  const registry: NpmRegistry = await serveNpm(made);
  const machine = await createMachine([Deno.execPath()], { NPM_CONFIG_REGISTRY: registry.url });
  return {
    ...machine,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
    },
  };
}

async function createMachine(programs: readonly string[], env: Record<string, string>): Promise<Machine> {
  const root = await Deno.makeTempDir({ prefix: "hopper-machine-" });
  const [bin, home, folder] = ["bin", "home", "work"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [bin, home, folder]) await Deno.mkdir(path);
  for (const path of programs) await Deno.symlink(path, join(bin, basename(path)));
  const found = Object.entries(Deno.env.toObject()).filter(([name]) => network.test(name));
  const variables = Object.entries({
    ...Object.fromEntries(found),
    HOME: home,
    PATH: `${bin}:${home}/.deno/bin`,
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    ...env,
  }).map(([name, value]) => `${name}=${value}`);
  const command = (program: string, args: string[]) => ["-i", ...variables, program, ...args];
  const begin: Machine["start"] = (below, program, ...args) =>
    start("/usr/bin/env", command(program, args), { cwd: join(folder, below) });
  return {
    folder,
    start: begin,
    async run(...what) {
      await using running = begin(...what);
      return await running.exit({ timeout: patience });
    },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

async function output(program: string, ...args: string[]): Promise<string> {
  return (await run(program, args)).stdout.trim();
}
