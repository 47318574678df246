/** Separate Debian systems below a folder. They are made once, as root, and kept between runs. */

/** The folder in which they are kept, 200 to 700 MB each. */
export const CHROOTS = "/var/cache/hopper-tests";

/** A release that this machine's debootstrap does not know is made like Debian's unstable. */
const SCRIPTS = "/usr/share/debootstrap/scripts";

/** A system to make. */
export interface Chroot {
  /** Its name for people, for the error if it cannot be made. */
  readonly title: string;
  /** The folder that its programs see as `/`. */
  readonly root: string;
  /** The Debian release: "trixie". */
  readonly debian: string;
  /** The packages that are installed in addition to a minimal Debian. */
  readonly packages: readonly string[];
  /** The path, inside the system, of a file that exists when the system is complete. */
  readonly has: string;
  /** Completes or checks the new system. Throws if something is wrong with it. */
  readonly finish?: (root: string) => void | Promise<void>;
}

/** Whether it exists, and this process may enter it. */
export function isMade({ root, has }: Pick<Chroot, "root" | "has">): boolean {
  return Deno.uid() === 0 && isThere(`${root}${has}`);
}

/**
 * Makes the system, unless it exists.
 *
 * @throws Error that says what is missing, with the end of what the failed command printed
 */
export async function makeChroot(chroot: Chroot): Promise<void> {
  if (isMade(chroot)) return;
  const { title, root, debian } = chroot;
  if (Deno.uid() !== 0) throw new Error(`${title} runs in a chroot, which only root can make and enter`);
  await Deno.mkdir(CHROOTS, { recursive: true });
  using lock = await Deno.open(`${CHROOTS}/lock`, { create: true, write: true });
  await lock.lock(true);
  // Another run may have made the system while this one waited.
  if (isMade(chroot)) return;
  console.error(`Installing ${title} from Debian ${debian} in ${root}`);
  const making = { ...chroot, root: `${root}.making` };
  await removeFolder(making.root);
  try {
    await make(making);
    await Deno.rename(making.root, root);
  } catch (error) {
    await removeFolder(making.root);
    throw new Error(`${title} cannot be installed in a chroot: ${(error as Error).message}`);
  }
}

async function make({ root, debian, packages, finish }: Chroot): Promise<void> {
  const base = `${CHROOTS}/base-${debian}`;
  if (!isThere(base)) {
    await removeFolder(`${base}.making`);
    await makeBase(`${base}.making`, debian);
    await Deno.rename(`${base}.making`, base);
  }
  await run("cp", ["--archive", "--one-file-system", base, root]);
  if (packages.length > 0) {
    const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages];
    await run(...commandIn(root, "env", ["DEBIAN_FRONTEND=noninteractive", ...install]));
    await run(...commandIn(root, "apt-get", ["clean"]));
  }
  await finish?.(root);
}

/** Makes the minimal system of a Debian release, which all others are copies of. */
async function makeBase(root: string, debian: string): Promise<void> {
  const script = [debian, "sid"].map((name) => `${SCRIPTS}/${name}`).find(isThere);
  if (script === undefined) {
    throw new Error("debootstrap is not installed (Debian: apt-get install debootstrap)");
  }
  // Its mounts disappear with the namespace, even if it is killed.
  await run("unshare", ["--mount", "debootstrap", "--variant=minbase", debian, root, mirror(), script]);
  await Deno.writeTextFile(`${root}/etc/hosts`, "127.0.0.1 localhost\n");
  // The packages' scripts would start services, which the tests do themselves.
  await Deno.writeTextFile(`${root}/usr/sbin/policy-rc.d`, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  // An incomplete system is removed, so writes need not reach the disk in order.
  await Deno.writeTextFile(`${root}/etc/dpkg/dpkg.cfg.d/unsafe-io`, "force-unsafe-io\n");
  await run(...commandIn(root, "apt-get", ["clean"]));
}

// In its own mount namespace, whose mounts disappear with the program, so that only plain files are left.
const IN_CHROOT = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && ' +
  'while [ "$1" != -- ]; do mount --rbind "$1" "$0$2" || exit; shift 2; done; shift; ' +
  'root=$0 && exec chroot "$root" "$@"';

/**
 * A command line that runs a program with this folder as its `/`. The command's process becomes the program. `mounts`
 * are paths of this machine, by their paths inside, which must exist.
 */
export function commandIn(
  root: string,
  program: string,
  args: readonly string[],
  mounts: Readonly<Record<string, string>> = {},
): [string, string[]] {
  const pairs = Object.entries(mounts).flatMap(([inside, outside]) => [outside, inside]);
  return ["unshare", ["--mount", "sh", "-c", IN_CHROOT, root, ...pairs, "--", program, ...args]];
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

/** Runs a command to its end. Throws with the end of what it printed if it fails. */
export async function run(program: string, args: string[]): Promise<void> {
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
