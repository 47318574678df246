/** What a bench ran on; the version of RabbitMQ is added when it runs. */

import os from "node:os";
import type { Machine } from "./report/result.ts";

export async function thisMachine(): Promise<Machine> {
  return {
    date: new Date().toISOString(),
    cpu: os.cpus()[0]?.model.trim() ?? "unknown processor",
    cores: os.availableParallelism(),
    system: `${os.type()} ${os.release()}`,
    deno: Deno.version.deno,
    node: await nodeVersion(),
  };
}

async function nodeVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("node", { args: ["--version"], stdin: "null" }).output();
    return new TextDecoder().decode(stdout).trim().replace(/^v/, "");
  } catch {
    return undefined; // Node is not installed.
  }
}
