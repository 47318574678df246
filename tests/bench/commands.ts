/** The command line that starts a contender's program for a job. */

import { fileURLToPath } from "node:url";
import { cli } from "../support/hopper.ts";
import type { Contender } from "./contenders.ts";
import type { Job } from "./programs/job.ts";
import type { CommandLine } from "./running.ts";

/** Where programs of others are, once they are installed and compiled. */
export interface Installed {
  /** The folder of the programs that need packages of npm, next to these packages. */
  readonly programs?: string;
  /** The compiled C program. */
  readonly limit?: string;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export async function commandOf(
  contender: Contender,
  job: Job,
  installed: Installed,
  folder: string,
): Promise<CommandLine> {
  const { platform, program } = contender;
  if (platform === "hopper") return await hopperCommand(contender, job, folder);
  if (platform === "c") return { program: installed.limit!, args: limitArgs(contender, job) };
  if (platform === "node") {
    return { program: "node", args: [`${installed.programs}/${program}.js`, JSON.stringify(job)] };
  }
  return denoCommand(program!, job, installed);
}

/** Runs a program on Deno: one of this folder, or one that needs packages of npm. */
export function denoCommand(program: string, job: Job, installed: Installed = {}): CommandLine {
  const own = here(`programs/${program}.ts`);
  const isOwn = program === "amqplib" || program === "hopper_client";
  const flags = ["run", "-A", "--quiet", "--no-check"];
  const args = isOwn ? [...flags, own, JSON.stringify(job)] : [
    ...flags,
    "--no-config",
    "--node-modules-dir=manual",
    `${installed.programs}/${program}.js`,
    JSON.stringify(job),
  ];
  return { program: Deno.execPath(), args };
}

function limitArgs({ ackEvery = 1 }: Contender, job: Job): string[] {
  const { hostname, port } = new URL(job.url);
  const { verb, queue, marks, prefetch, warmup, count, size, outstanding, warmMs, ms } = job;
  return [
    verb,
    hostname,
    port,
    queue,
    marks,
    prefetch,
    warmup,
    count,
    ackEvery,
    size,
    outstanding,
    warmMs,
    ms,
  ]
    .map(String);
}

/** Hopper as its documentation says, with one function: `hopper run` with these flags, its log lines in a file. */
async function hopperCommand(
  { isolate, flags = [] }: Contender,
  job: Job,
  folder: string,
): Promise<CommandLine> {
  await Deno.mkdir(`${folder}/functions`);
  await Deno.writeTextFile(
    `${folder}/functions/bench.ts`,
    job.verb === "consume" ? consuming(job) : serving(job),
  );
  const permissions = { write: [job.marks] };
  const config = { defaults: { isolate }, functions: { "*": { permissions } } };
  await Deno.writeTextFile(`${folder}/deploy.config.ts`, `export default ${JSON.stringify(config)};\n`);
  const args = cli("run", "--broker", job.url, ...flags);
  return { program: Deno.execPath(), args, cwd: folder };
}

// A function's process may read nothing but its own file before it is loaded, so that it gets the code itself.
const counting = Deno.readTextFileSync(here("programs/job.ts")).replace(/^export /gm, "");

function consuming({ queue, marks, prefetch, warmup, count, slowEvery, slowMs }: Job): string {
  const options = { prefetch, codec: "bytes", permissions: { write: [marks] } };
  const work = { marks, warmup, count, slowEvery, slowMs };
  return `import { queue } from "hopper";
${counting}
export default queue(${JSON.stringify(queue)}, ${JSON.stringify(options)}, counted(${JSON.stringify(work)}));
`;
}

function serving({ queue, prefetch }: Job): string {
  return `import { rpc } from "hopper";

export default rpc(${
    JSON.stringify(queue)
  }, { durable: false, prefetch: ${prefetch} }, (input: unknown) => input);
`;
}
