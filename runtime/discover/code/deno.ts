import { pathToFileURL } from "node:url";
import { type Answer, type DenoCommandOptions, runDeno } from "../../core/deno_command.ts";

export { type Answer, whyItFailed } from "../../core/deno_command.ts";

/** How Deno is asked about files. */
export interface AskOptions extends DenoCommandOptions {
  /** The project's deno.json, whose import map counts. Without one only paths and URLs are understood. */
  readonly config?: string;
}

/**
 * Runs `deno <command> … ENTRY`, where ENTRY is a temporary file that imports all the files. Deno reads them and runs
 * none of their code. Rejects if Deno does not answer in time, or `signal` aborts.
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
    return await runDeno([...command, "--no-lock", ...configured, entry], options);
  } finally {
    await Deno.remove(entry);
  }
}
