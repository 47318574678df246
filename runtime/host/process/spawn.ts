import { ownPrograms } from "../../core/own_files.ts";

/** What a process is for, and what it may do and have. */
export interface ProcessSpec {
  /** It runs a function, or reads what files declare. */
  readonly program: "function" | "reader";
  /** Deno's `--allow-…` flags. */
  readonly permissions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Megabytes of heap. */
  readonly memory: number;
  /** Another deno.json than the project's own, by absolute path. */
  readonly config?: string;
}

/** Where processes find what they need to run. */
export interface ProcessPlace {
  /** What `deno` is told so that it finds deno.json, the lock file and packages. */
  readonly flags: readonly string[];
  /** Folder of what Deno has cached. */
  readonly cache: string;
}

// A process that V8 ends leaves no core file. Programs that a function may run can raise the soft limit again.
const limited = `unset PWD; ulimit -c 0; ulimit -S -d "$1" 2> /dev/null; shift; exec "$@"`;

/**
 * Megabytes of data that a process may have, the address space that V8 reserves among them, half a gigabyte for each
 * worker. What it may really use is much less, and is looked at from time to time; this holds what happens meanwhile.
 */
const maxData = (memory: number) => 4096 + 2 * memory;

/** Starts a process that connects to a socket. */
export function spawn(
  { program, permissions, env, memory }: ProcessSpec,
  { flags, cache }: ProcessPlace,
  socket: string,
): Deno.ChildProcess {
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--cached-only",
    ...flags,
    `--v8-flags=--max-old-space-size=${memory}`,
    ...(program === "reader" ? ["--unstable-worker-options"] : []),
    ...permissions,
    ...alsoAllowed(permissions, { read: socket, write: socket, net: `unix:${socket}` }),
    ownPrograms[program].href,
    socket,
  ];
  return new Deno.Command("/bin/sh", {
    args: ["-c", limited, "sh", `${maxData(memory) * 1024}`, Deno.execPath(), ...args],
    clearEnv: true,
    env: { DENO_DIR: cache, NO_COLOR: "1", ...registry(), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A terminal's Ctrl-C is the runtime's alone.
    detached: true,
  }).spawn();
}

/** Deno keeps packages by the registry that they come from, and finds them by it. */
function registry(): Record<string, string> {
  const url = Deno.env.get("NPM_CONFIG_REGISTRY");
  return url === undefined ? {} : { NPM_CONFIG_REGISTRY: url };
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

/** Flags for what the process itself needs, where no flag without a list allows it already; lists add up. */
function alsoAllowed(flags: readonly string[], needed: Record<string, string>): string[] {
  return Object.entries(needed)
    .filter(([kind]) => !flags.includes(`--allow-${kind}`))
    .map(([kind, value]) => `--allow-${kind}=${value}`);
}
