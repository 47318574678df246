/** The processes of a RabbitMQ node: its own, and its epmd. */

import { tiedToThisProcess } from "./process.ts";

/**
 * Spawns a program that a Ctrl-C in this process's terminal does not reach, so that this process decides when
 * it stops. Its output goes to a file: a pipe would have to be read across the borders of single tests.
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

/** Sends a signal, and waits for the end. */
export async function end(process: Deno.ChildProcess, signal: Deno.Signal): Promise<void> {
  try {
    process.kill(signal);
    // A frozen process takes a signal only once it runs again.
    process.kill("SIGCONT");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // It has ended already.
  }
  await process.status;
}

/** Where programs are looked for. Those in a chroot, and what enters it, are in folders of the system. */
export function programPath(): string {
  return `${Deno.env.get("PATH") ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin`;
}
