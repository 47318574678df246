/** Runs the tutorial's programs in this folder with Debian's `python3-pika`. */

import { fileURLToPath } from "node:url";
import { type BrokerAddress, leaveOut, rabbitmqForTests } from "../support/rabbitmq.ts";
import { type Exit, type Program, run, start } from "../support/process.ts";

// Debian's own python3, because another one earlier on the path does not have Debian's packages.
const PYTHON = "/usr/bin/python3";

/** RabbitMQ for tests that also need pika; `undefined`, with a notice, if one of them is missing. */
export async function rabbitmqAndPika(): Promise<BrokerAddress | undefined> {
  if (!await pikaInstalled()) return leaveOut("pika", "python3-pika");
  return await rabbitmqForTests();
}

/** Starts a program that keeps running: `pika("worker.py", [], vhost.url)`. */
export function pika(program: string, args: string[], url: string): Program {
  return start(PYTHON, [path(program), ...args], { env: { AMQP_URL: url } });
}

/** Starts a program that receives, and waits until it does. */
export async function pikaReceiver(program: string, args: string[], url: string): Promise<Program> {
  const receiver = pika(program, args, url);
  await receiver.line("Waiting for");
  return receiver;
}

/** Runs a program that ends by itself, and expects success. */
export async function runPika(program: string, args: string[], url: string): Promise<Exit> {
  const exit = await run(PYTHON, [path(program), ...args], { env: { AMQP_URL: url } });
  if (exit.code !== 0) throw new Error(`${program} ${args.join(" ")} exited ${exit.code}:\n${exit.stderr}`);
  return exit;
}

async function pikaInstalled(): Promise<boolean> {
  try {
    return (await run(PYTHON, ["-c", "import pika"])).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function path(program: string): string {
  return fileURLToPath(new URL(program, import.meta.url));
}
