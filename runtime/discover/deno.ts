import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** How Deno is asked about files. */
export interface AskOptions {
  /** The project's deno.json, whose import map counts. Without one only paths and URLs are understood. */
  readonly config?: string;
  /** Milliseconds after which it is given up. */
  readonly budget: number;
  /** Breaks it off. */
  readonly signal?: AbortSignal;
}

/** What Deno answers. */
export interface Answer {
  readonly success: boolean;
  readonly stdout: string;
  /** Without colours. */
  readonly stderr: string;
}

/**
 * Has Deno look at files, by a temporary one that imports them all: `deno <command> … ENTRY`. It reads them, and runs
 * nothing of them. Rejects if it does not answer in time, or is broken off.
 */
export async function askDeno(
  command: readonly string[],
  files: readonly string[],
  options: AskOptions,
): Promise<Answer> {
  const entry = await Deno.makeTempFile({ prefix: "hopper-imports-", suffix: ".ts" });
  try {
    const imports = files.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`);
    await Deno.writeTextFile(entry, imports.join(""));
    const { config } = options;
    const configured = config === undefined ? ["--no-config"] : ["--config", config];
    return await run([...command, "--no-lock", ...configured, entry], options);
  } finally {
    await Deno.remove(entry);
  }
}

async function run(args: string[], { budget, signal }: AskOptions): Promise<Answer> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), budget);
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      stdin: "null",
      signal: AbortSignal.any([late.signal, ...signal ? [signal] : []]),
    }).output();
    if (late.signal.aborted) throw new Error(`Deno did not answer within ${budget / 1000} s`);
    signal?.throwIfAborted();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, stdout: text(stdout), stderr: stripVTControlCharacters(text(stderr)).trim() };
  } finally {
    clearTimeout(timer);
  }
}

/** The first line of why Deno failed. */
export function whyItFailed({ stderr }: Answer): string {
  return stderr.replace(/^error: /, "").split("\n", 1)[0] || "Deno does not say why";
}
