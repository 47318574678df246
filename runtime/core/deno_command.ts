import { stripVTControlCharacters } from "node:util";

/** Who ends processes when the runtime is gone. */
export interface ProcessGuard {
  /** A process is there; it leads a group of its own. */
  add(pid: number): void;
  /** It is gone. */
  remove(pid: number): void;
}

/** How a command of Deno's is run. */
export interface DenoCommandOptions {
  /** Milliseconds after which it is ended. */
  readonly budget: number;
  /** Breaks it off. */
  readonly signal?: AbortSignal;
  readonly guard?: ProcessGuard;
}

/** What it came to. */
export interface Answer {
  readonly success: boolean;
  readonly stdout: string;
  /** Without colours. */
  readonly stderr: string;
}

/** The variables that Deno needs to find its cache and a registry. What else there is, a password say, it is not given. */
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

// A file that never ends would be read into memory until none is left.
const limited = `ulimit -S -d "$1" 2> /dev/null; shift; exec "$@"`;
const maxData = 4 * 1024 * 1024;

/**
 * Runs a command of Deno's that looks at files or fetches packages, with no more of the environment than that takes.
 * Rejects if it does not end in time, or is broken off; whatever it started ends with it.
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
    // It leads a group of its own, which is ended as a whole, and a terminal's Ctrl-C is the runtime's alone.
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

/** The first line of why Deno failed. */
export function whyItFailed({ stderr }: Answer): string {
  return stderr.replace(/^error: /, "").split("\n", 1)[0] || "Deno does not say why";
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
    // It has ended.
  }
}
