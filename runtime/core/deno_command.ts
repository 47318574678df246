import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** Ends the processes that are left when the runtime dies. */
export interface ProcessGuard {
  /** A process was started, as the leader of its own process group. */
  add(pid: number): void;
  /** The process has ended. */
  remove(pid: number): void;
}

/** Options of `runDeno`. */
export interface DenoCommandOptions {
  /** After this many milliseconds the command is killed. */
  readonly budget: number;
  /** Kills the command. */
  readonly signal?: AbortSignal;
  readonly guard?: ProcessGuard;
}

/** The result of a Deno command. */
export interface Answer {
  readonly success: boolean;
  readonly stdout: string;
  /** Without colour codes. */
  readonly stderr: string;
}

/** The variables that Deno needs to find its cache and a registry. It gets no others, which may be passwords. */
const needed = [
  "DENO_AUTH_TOKENS",
  "DENO_CERT",
  "DENO_DIR",
  "DENO_TLS_CA_STORE",
  "HOME",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "LANG",
  "NODE_EXTRA_CA_CERTS",
  "NO_PROXY",
  "NPM_CONFIG_REGISTRY",
  "NPM_TOKEN",
  "PATH",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "TMPDIR",
  "XDG_CACHE_HOME",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

// A memory limit: Deno would read an endless file (such as a pipe) until no memory is left.
const limited = `ulimit -S -d "$1" 2> /dev/null; shift; exec "$@"`;
const maxData = 4 * 1024 * 1024;

/**
 * Runs a Deno command that reads files or fetches packages, with only the variables it needs. Rejects if it does not
 * end in time, or if `signal` aborts. What it started ends with it.
 */
export async function runDeno(args: readonly string[], options: DenoCommandOptions): Promise<Answer> {
  const { budget, signal, guard } = options;
  signal?.throwIfAborted();
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", limited, "sh", `${maxData}`, Deno.execPath(), ...args],
    clearEnv: true,
    env: { ...environment(), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Its own process group, so that all of it can be killed, and Ctrl-C in a terminal reaches only the runtime.
    detached: true,
  }).spawn();
  guard?.add(child.pid);
  let late = false;
  const end = () => endGroup(child.pid);
  const timer = setTimeout(() => {
    late = true;
    end();
  }, budget);
  signal?.addEventListener("abort", end, { once: true });
  try {
    const { success, stdout, stderr } = await child.output();
    signal?.throwIfAborted();
    if (late) throw new Error(`Deno did not answer within ${budget / 1000} s`);
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, stdout: text(stdout), stderr: stripVTControlCharacters(text(stderr)).trim() };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    guard?.remove(child.pid);
  }
}

/** The first line of Deno's error, with its cause, and of a deno.json the place that is wrong. */
export function whyItFailed({ stderr }: Answer): string {
  const first = stderr.replace(/^error: /, "").split("\n", 1)[0] || "Deno does not say why";
  const [, cause] = /^Caused by:\n\s+(?:0: )?(.+)$/m.exec(stderr) ?? [];
  if (cause === undefined) return first;
  const [, config] = /^Failed deserializing config file '(file:.+)'\.$/.exec(first) ?? [];
  const [, wrong, line, column] = /^(.*) on line (\d+) column (\d+)/.exec(cause) ?? [];
  if (config === undefined || wrong === undefined) return `${first} ${cause}`;
  return `${fileURLToPath(config)}:${line}:${column}  ${wrong}; correct it and save the file`;
}

function environment(): Record<string, string> {
  return Object.fromEntries(needed.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

function endGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
