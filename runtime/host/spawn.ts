/** What a process may do and have; two functions with the same spec could share one. */
export interface ProcessSpec {
  /** Deno's `--allow-…` flags. */
  readonly permissions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Megabytes of heap. */
  readonly memory: number;
}

/** Where processes find what they need to run. */
export interface ProcessPlace {
  /** deno.json, for what its import map says. */
  readonly config: string | undefined;
  /** Folder of what Deno has cached. */
  readonly cache: string;
}

const main = new URL("./child/main.ts", import.meta.url);
const ownFolder = new URL("../", import.meta.url);

// A process that V8 ends leaves no core file. Programs that a function may run can raise the soft limit again.
const limited = `unset PWD; ulimit -c 0; ulimit -S -d "$1" 2> /dev/null; shift; exec "$@"`;

/**
 * Megabytes of data that a process may have, the address space that V8 reserves among them, half a gigabyte for each
 * worker. What it may really use is much less, and is looked at from time to time; this holds what happens meanwhile.
 */
const mostData = (memory: number) => 4096 + 2 * memory;

/** Starts a process that connects to a socket. */
export function spawn(
  { permissions, env, memory }: ProcessSpec,
  { config, cache }: ProcessPlace,
  socket: string,
): Deno.ChildProcess {
  const own = ownFolder.protocol === "file:" ? [ownFolder.pathname] : [];
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--cached-only",
    ...(config === undefined ? ["--no-config"] : ["--config", config]),
    `--v8-flags=--max-old-space-size=${memory}`,
    ...merged(permissions, { read: [socket, ...own], write: [socket], net: [`unix:${socket}`] }),
    main.href,
    socket,
    own[0] ?? socket,
  ];
  return new Deno.Command("/bin/sh", {
    args: ["-c", limited, "sh", `${mostData(memory) * 1024}`, Deno.execPath(), ...args],
    clearEnv: true,
    env: { DENO_DIR: cache, NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A terminal's Ctrl-C is the runtime's alone.
    detached: true,
  }).spawn();
}

/** Ends a process, and the programs it started. */
export function kill({ pid }: Deno.ChildProcess): void {
  try {
    // Detached, it leads a group of its own.
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** The flags with what the process itself needs; a flag without a list allows that already. */
function merged(flags: readonly string[], needed: Record<string, readonly string[]>): string[] {
  const others = flags.filter((flag) => !Object.keys(needed).some((kind) => isFlag(flag, kind)));
  const own = Object.entries(needed).map(([kind, values]) => {
    const flag = flags.find((flag) => isFlag(flag, kind));
    if (flag !== undefined && !flag.includes("=")) return flag;
    const listed = flag === undefined ? [] : [flag.slice(flag.indexOf("=") + 1)];
    return `--allow-${kind}=${[...listed, ...values].join(",")}`;
  });
  return [...others, ...own];
}

function isFlag(flag: string, kind: string): boolean {
  return flag === `--allow-${kind}` || flag.startsWith(`--allow-${kind}=`);
}
