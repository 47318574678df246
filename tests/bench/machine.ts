/** What a bench ran on. */

import os from "node:os";
import { rabbitmqInstalled } from "../support/rabbitmq_node.ts";
import { chosenRelease } from "../support/rabbitmq_release.ts";
import type { Machine } from "./report/result.ts";

export async function thisMachine(): Promise<Machine> {
  return {
    date: new Date().toISOString(),
    cpu: os.cpus()[0]?.model.trim() ?? "unknown processor",
    cores: os.availableParallelism(),
    system: `${os.type()} ${os.release()}`,
    deno: Deno.version.deno,
    node: await nodeVersion(),
    rabbitmq: rabbitmqInstalled() ? chosenRelease.title : undefined,
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
