/** Makes the chroots of later Debian releases, with RabbitMQ and what it needs. Takes half a minute each, as root. */

import { CHROOTS, commandIn, isInstalled, type Release } from "./rabbitmq_release.ts";

/** A release that this machine's debootstrap does not know is made like Debian's unstable. */
const SCRIPTS = "/usr/share/debootstrap/scripts";

/**
 * Installs a release so that it can run here. Does nothing if it is there, or is the machine's own.
 *
 * @throws Error that says what is missing, with the end of what the failed command printed
 */
export async function installRelease(release: Release): Promise<void> {
  if (release.from === undefined || isInstalled(release)) return;
  const { title } = release;
  if (Deno.uid() !== 0) throw new Error(`${title} runs in a chroot, which only root can make and enter`);
  await Deno.mkdir(CHROOTS, { recursive: true });
  using lock = await Deno.open(`${CHROOTS}/lock`, { create: true, write: true });
  await lock.lock(true);
  // Another run may have made the chroot while this one waited.
  if (isInstalled(release)) return;
  console.error(`Installing ${title} from Debian ${release.from.debian} in ${release.root}`);
  const making = { ...release, root: `${release.root}.making` };
  await removeFolder(making.root);
  try {
    await make(making, release.from);
    await Deno.rename(making.root, release.root);
  } catch (error) {
    await removeFolder(making.root);
    throw new Error(`${title} cannot be installed in a chroot: ${(error as Error).message}`);
  }
}

async function make(release: Release, { debian, series }: NonNullable<Release["from"]>): Promise<void> {
  const { root } = release;
  const script = [debian, "sid"].map((name) => `${SCRIPTS}/${name}`).find(isThere);
  if (script === undefined) {
    throw new Error("debootstrap is not installed (Debian: apt-get install debootstrap)");
  }
  // Its mounts disappear with the namespace, even if it is killed.
  await run("unshare", ["--mount", "debootstrap", "--variant=minbase", debian, root, mirror(), script]);
  await Deno.writeTextFile(`${root}/etc/hosts`, "127.0.0.1 localhost\n");
  // The package's scripts would start the service, which the tests do themselves.
  await Deno.writeTextFile(`${root}/usr/sbin/policy-rc.d`, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "rabbitmq-server"];
  await run(...commandIn(release, "env", ["DEBIAN_FRONTEND=noninteractive", ...install]));
  await run(...commandIn(release, "apt-get", ["clean"]));
  const version = versionIn(root);
  if (!version.startsWith(`${series}.`)) {
    throw new Error(`Debian ${debian} has RabbitMQ ${version} by now, and ${series} was expected`);
  }
}

function versionIn(root: string): string {
  const prefix = "rabbitmq_server-";
  const names = [...Deno.readDirSync(`${root}/usr/lib/rabbitmq/lib`)].map(({ name }) => name);
  return names.find((name) => name.startsWith(prefix))?.slice(prefix.length) ?? "of unknown version";
}

/** The archive from which this machine gets its packages. */
function mirror(): string {
  const folder = "/etc/apt/sources.list.d";
  const files = isThere(folder) ? [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`) : [];
  for (const file of ["/etc/apt/sources.list", ...files].filter(isThere)) {
    const found = /^(?:URIs:|deb\s).*?(https?:\/\/\S+\/debian)\/?(?:\s|$)/m.exec(Deno.readTextFileSync(file));
    if (found) return found[1]!;
  }
  return "http://deb.debian.org/debian";
}

async function run(program: string, args: string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { LC_ALL: "C.UTF-8", PATH: `${Deno.env.get("PATH") ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin` },
    stdin: "null",
  }).output();
  if (code === 0) return;
  const text = new TextDecoder();
  const lines = `${text.decode(stdout)}${text.decode(stderr)}`.trim().split("\n").slice(-5).join("\n  ");
  throw new Error(`'${[program, ...args].join(" ")}' failed with code ${code}:\n  ${lines}`);
}

async function removeFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
