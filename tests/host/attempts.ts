/** Runs attempts_program.ts with a function's permissions, as a process host would start it. */

import {
  environmentFor,
  permissionFlags,
  type ProcessPaths,
} from "../../runtime/host/process/permission_flags.ts";
import type { PermissionOptions } from "../../runtime/core/api/options.ts";
import { run } from "../support/process.ts";

/** What is tried, and on what. The kinds are those of attempts_program.ts. */
export type Attempt = readonly [kind: string, what: string];

/** The error of an attempt; `null` if it worked. */
export type Said = Readonly<Record<"name" | "message" | "code", string>> | null;

/** What the process is started with, apart from its permissions. */
export interface AttemptOptions extends Partial<ProcessPaths> {
  /** The runtime's variables. The process gets those that it may have. */
  readonly env?: Readonly<Record<string, string>>;
}

const program = new URL("attempts_program.ts", import.meta.url).pathname;

/** Makes each attempt in a new process with these permissions. */
export async function tryAll(
  permissions: PermissionOptions,
  attempts: readonly Attempt[],
  { env = {}, cwd = Deno.cwd(), ...paths }: AttemptOptions = {},
): Promise<Said[]> {
  const flags = permissionFlags(permissions, { cwd, ...paths });
  const args = [
    "run",
    "--no-prompt",
    "--no-config",
    "--no-remote",
    "--cached-only",
    "--no-check",
    ...flags,
    program,
  ];
  // `env -i`, because otherwise a child inherits this process's environment. Deno needs HOME to find its cache.
  const variables = { HOME: Deno.env.get("HOME") ?? "/", ...environmentFor(permissions, env) };
  const { code, stdout, stderr } = await run("/usr/bin/env", [
    "-i",
    ...Object.entries(variables).map((pair) => pair.join("=")),
    Deno.execPath(),
    ...args,
    JSON.stringify(attempts),
  ], { cwd });
  if (code !== 0) throw new Error(`Deno refused ${flags.join(" ")}: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** For each attempt `"ok"`, or the name of its error. */
export async function outcomes(...args: Parameters<typeof tryAll>): Promise<string[]> {
  return (await tryAll(...args)).map((said) => said === null ? "ok" : said.name);
}
