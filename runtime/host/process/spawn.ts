import { addressText } from "../../core/address.ts";
import type { InspectorSpec } from "./inspector.ts";
import { isTracing } from "../../core/is_tracing.ts";
import { ownPrograms } from "../../core/own_files.ts";

/** What a process does, and what it may do. */
export interface ProcessSpec {
  /** Whether it runs a function, or reads what files declare. */
  readonly program: "function" | "reader";
  /** Deno's `--allow-…` flags. */
  readonly permissions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The largest heap, in megabytes. */
  readonly memory: number;
  /** The absolute path of a deno.json to use instead of the project's. */
  readonly config?: string;
  /** For a debugger. */
  readonly inspector?: InspectorSpec;
}

/** Where processes find deno.json, packages and the cache. */
export interface ProcessPlace {
  /** Flags for `deno` to find deno.json, the lock file and packages. */
  readonly flags: readonly string[];
  /** The folder of Deno's cache. */
  readonly cache: string;
}

// No core file when V8 ends the process. The data limit is soft, so that programs which a function may run can raise it.
const limited = `unset PWD; ulimit -c 0; ulimit -S -d "$1" 2> /dev/null; shift; exec "$@"`;

/**
 * The limit of a process's data segment, in megabytes. It includes address space that V8 only reserves, such as half a
 * gigabyte for each worker, so it is high. `MemoryWatch` checks the memory in real use twice a second; this limit stops
 * what happens between two checks.
 */
const maxData = (memory: number) => 4096 + 2 * memory;

/** Starts a process that connects to a socket. */
export function spawn(
  { program, permissions, env, memory, inspector }: ProcessSpec,
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
    ...(inspector ? [`--inspect${inspector.waits ? "-wait" : ""}=${addressText(inspector)}`] : []),
    ...(program === "reader" ? ["--unstable-worker-options"] : []),
    ...permissions,
    ...alsoAllowed(permissions, { read: socket, write: socket, net: `unix:${socket}` }),
    ownPrograms[program].href,
    socket,
  ];
  return new Deno.Command("/bin/sh", {
    args: ["-c", limited, "sh", `${maxData(memory) * 1024}`, Deno.execPath(), ...args],
    clearEnv: true,
    env: { DENO_DIR: cache, NO_COLOR: "1", ...registry(), ...telemetry(program), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Detached, so that Ctrl-C in a terminal reaches only the runtime.
    detached: true,
  }).spawn();
}

/** Deno keeps packages by the registry that they come from, and finds them by it. */
function registry(): Record<string, string> {
  const url = Deno.env.get("NPM_CONFIG_REGISTRY");
  return url === undefined ? {} : { NPM_CONFIG_REGISTRY: url };
}

/** Lets the process of a function trace where this one does; its own code cannot read these variables. */
function telemetry(program: ProcessSpec["program"]): Record<string, string> {
  if (program !== "function" || !isTracing()) return {};
  return Object.fromEntries(Object.entries(Deno.env.toObject()).filter(([name]) => name.startsWith("OTEL_")));
}

/** Ends a process, and the programs it started. */
export function kill({ pid }: Deno.ChildProcess): void {
  try {
    // It leads its own group, because it was started detached.
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** Flags for what the process itself needs, unless everything of that kind is allowed already. Deno adds up the lists. */
function alsoAllowed(flags: readonly string[], needed: Record<string, string>): string[] {
  return Object.entries(needed)
    .filter(([kind]) => !flags.includes(`--allow-${kind}`))
    .map(([kind, value]) => `--allow-${kind}=${value}`);
}
