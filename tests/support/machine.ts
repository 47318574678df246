/**
 * A machine that has the packed Hopper, with only Node or only Deno: as root a Debian of its own, otherwise an environment
 * that finds nothing else.
 */

import { basename, dirname, join } from "node:path";
import { pack, type Package } from "../../.ci/pack.ts";
import { type Chroot, CHROOTS, commandIn, makeChroot, run as runToEnd } from "./chroot.ts";
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

/** The smallest Debian, and what it has in addition. */
const debian = { debian: "trixie", title: "A bare machine" } as const;
const systems = {
  node: {
    ...debian,
    root: `${CHROOTS}/only-node`,
    packages: ["nodejs"],
    has: "/usr/bin/npm",
    finish: addNpm,
  },
  deno: { ...debian, root: `${CHROOTS}/only-deno`, packages: [], has: "/usr/bin/env" },
} as const satisfies Record<string, Chroot>;

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
  const machine = await createMachine(programs, env, systems.node, [cache]);
  await Deno.writeTextFile(join(machine.folder, "package.json"), "{}");
  const { code, stderr } = await machine.run(".", "npm", "install", "--no-audit", "--no-fund", tarball);
  if (code === 0) return machine;
  await machine[Symbol.asyncDispose]();
  throw new Error(`npm install failed: ${stderr}`);
}

/** A machine with Deno, and without Node, whose registry has the package. */
export async function denoMachine(made: Package): Promise<Machine & { withoutRegistry(): Promise<void> }> {
  const registry: NpmRegistry = await serveNpm(made);
  const machine = await createMachine([Deno.execPath()], { NPM_CONFIG_REGISTRY: registry.url }, systems.deno);
  return {
    ...machine,
    /** From now on the registry cannot be reached. */
    withoutRegistry: () => registry[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
    },
  };
}

/** `shared` are folders of this machine that it has as well. */
async function createMachine(
  programs: readonly string[],
  env: Record<string, string>,
  system: Chroot,
  shared: readonly string[] = [],
): Promise<Machine> {
  const root = await Deno.makeTempDir({ prefix: "hopper-machine-" });
  const [bin, home, folder] = ["bin", "home", "work"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [bin, home, folder]) await Deno.mkdir(path);
  const isBare = await isMadeHere(system);
  for (const path of programs) {
    const to = join(bin, basename(path));
    if (!isBare) await Deno.symlink(path, to);
    else if (system.packages.length === 0) await Deno.copyFile(path, to);
  }
  const found = Object.entries(Deno.env.toObject()).filter(([name]) => network.test(name));
  const variables = Object.entries({
    ...Object.fromEntries(found),
    HOME: home,
    PATH: `${bin}:${home}/.deno/bin${isBare ? ":/usr/bin:/bin" : ""}`,
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    ...env,
  }).map(([name, value]) => `${name}=${value}`);
  const enter = isBare
    ? await entering(system, [dirname(root), ...shared])
    : (args: string[]) => ["/usr/bin/env", args] as const;
  const begin: Machine["start"] = (below, program, ...args) => {
    const [command, all] = enter(["-i", "-C", join(folder, below), ...variables, program, ...args]);
    return start(command, [...all]);
  };
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

/** Whether a Debian of its own is there to be entered; says so if it cannot be made. */
async function isMadeHere(system: Chroot): Promise<boolean> {
  try {
    await makeChroot(system);
    return true;
  } catch (error) {
    if (Deno.env.has("HOPPER_REQUIRE_RABBITMQ")) throw error;
    console.error(
      `The package is tested in this machine's own system, not on a bare one: ${(error as Error).message}`,
    );
    return false;
  }
}

/** Adds npm as its own package. Debian's needs some 450 packages, which take minutes to install. */
async function addNpm(root: string): Promise<void> {
  const folder = `${root}/usr/lib/node_modules/npm`;
  await Deno.mkdir(folder, { recursive: true });
  await runToEnd("npm", ["pack", "npm@10.9.9", "--silent", "--pack-destination", folder]);
  await runToEnd("tar", ["-xzf", `${folder}/npm-10.9.9.tgz`, "-C", folder, "--strip-components=1"]);
  await Deno.remove(`${folder}/npm-10.9.9.tgz`);
  for (const name of ["npm", "npx"]) {
    await Deno.symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, `${root}/usr/bin/${name}`);
  }
}

/** Runs `env` in a system that has these folders of this machine, by the same paths, and its way into the network. */
async function entering({ root }: Chroot, folders: readonly string[]) {
  const mounts: Record<string, string> = { "/etc/resolv.conf": "/etc/resolv.conf" };
  for (const folder of [...folders, "/etc/ssl/certs"]) {
    if (!await Deno.stat(folder).then(() => true, () => false)) continue;
    await Deno.mkdir(root + folder, { recursive: true });
    mounts[folder] = folder;
  }
  return (args: readonly string[]) => commandIn(root, "/usr/bin/env", args, mounts);
}

async function output(program: string, ...args: string[]): Promise<string> {
  return (await run(program, args)).stdout.trim();
}
