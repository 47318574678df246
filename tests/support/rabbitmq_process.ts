/** The processes of a RabbitMQ node: the node itself and its epmd. */

import { tiedToThisProcess } from "./process.ts";

/**
 * Spawns a program that does not get Ctrl-C from this process's terminal, so that this process decides when it stops.
 * Its output goes to a file, because a pipe would have to be read across several tests.
 */
export function spawn(program: string, args: string[], env: Record<string, string>, output = "/dev/null") {
  const [command, commandArgs] = tiedToThisProcess("sh", [
    "-c",
    'exec "$0" "$@" >"$OUTPUT" 2>&1',
    program,
    ...args,
  ]);
  return new Deno.Command(command, {
    args: commandArgs,
    env: { ...env, OUTPUT: output },
    clearEnv: true,
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Sends a signal, and waits until the process has ended. */
export async function end(process: Deno.ChildProcess, signal: Deno.Signal): Promise<void> {
  try {
    process.kill(signal);
    // A frozen process handles a signal only when it runs again.
    process.kill("SIGCONT");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // It has ended.
  }
  await process.status;
}

/** The folders with programs. Those for a chroot, and those in it, are in the folders of the system. */
export function programPath(): string {
  return `${Deno.env.get("PATH") ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin`;
}
