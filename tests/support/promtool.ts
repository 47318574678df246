/** Prometheus's own checks, with the program `promtool` of Debian's package. */

import { leaveOut } from "./rabbitmq.ts";

const program = "/usr/bin/promtool";

/** Whether promtool is installed. Prints a notice if it is not. */
export async function hasPromtool(): Promise<boolean> {
  const found = await Deno.stat(program).then(() => true, () => false);
  if (!found) leaveOut("promtool", "prometheus");
  return found;
}

/** What `promtool check metrics` finds wrong with metrics as text: nothing if they are fine. */
export async function checkMetrics(text: string): Promise<string> {
  const child = new Deno.Command(program, {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  return said(await child.output());
}

/** Runs promtool, and returns what it says if it finds something wrong. */
export async function promtool(...args: string[]): Promise<string> {
  return said(await new Deno.Command(program, { args, stdin: "null" }).output());
}

function said({ success, stdout, stderr }: Deno.CommandOutput): string {
  const text = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  return success ? "" : text || "promtool failed";
}
