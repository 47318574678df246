import { UsageError } from "./exit.ts";

const print = "console.log(JSON.stringify(Deno.env.toObject()))";

// What Deno itself adds to the environment of what it runs.
const denosOwn = new Set(["DENO_NODE_SHIM_ACTIVE"]);

/**
 * Puts the variables of files into the environment, as Deno's own `--env-file` does: Deno reads them. What is set already
 * stays, and of several files the last counts. Nothing of what a file says is ever shown.
 */
export async function loadEnvFiles(files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  for (const file of files) await requireFile(file);
  const flags = files.map((file) => `--env-file=${file}`);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", ...flags, print],
    env: {
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      // What traces here would print or send what only this command knows.
      ...Deno.env.has("OTEL_DENO") ? { OTEL_DENO: "false" } : {},
    },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr).trim();
  if (!success || said !== "") {
    throw new UsageError(`The files of --env-file cannot be read: ${firstLine(said)}`);
  }
  const read: Record<string, string> = JSON.parse(new TextDecoder().decode(stdout));
  for (const [name, value] of Object.entries(read)) {
    if (!Deno.env.has(name) && !denosOwn.has(name)) Deno.env.set(name, value);
  }
}

async function requireFile(file: string): Promise<void> {
  const info = await Deno.stat(file).catch(() => undefined);
  if (info?.isFile) return;
  throw new UsageError(`No file at '${file}', which --env-file names; make it, or leave the flag out`);
}

function firstLine(text: string): string {
  return text.replace(/^Warning /, "").split("\n", 1)[0] || "Deno does not say why";
}
