/** The programs of this bench. Each runs in its own process and prints one JSON object per line. */

import { fileURLToPath } from "node:url";
import { type Program, start } from "../../support/process.ts";

/** What a program prints. */
export type Figures = Readonly<Record<string, number>>;

const patience = { timeout: 120_000 };

/** Starts a program in this folder with `options` as JSON. */
export function startProgram(name: "runtime" | "caller", options: object): Program {
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  return start(Deno.execPath(), ["run", "-A", "--quiet", script, JSON.stringify(options)]);
}

/** The first figures with this name that a program prints, past or future. */
export async function figures(program: Program, name: string): Promise<Figures> {
  return JSON.parse(await program.line(`{"${name}"`, patience));
}

/** Calls an rpc from a separate process, and returns its rate and latencies. */
export async function callFrom(options: CallerOptions): Promise<{ rate: number; p50: number; p99: number }> {
  await using caller = startProgram("caller", options);
  const { rate, p50, p99 } = await figures(caller, "rate");
  return { rate: rate!, p50: p50!, p99: p99! };
}

/** What the caller does. */
export interface CallerOptions {
  readonly broker: string;
  readonly rpc: string;
  readonly input?: unknown;
  /** How many calls are measured. A tenth as many are made before, without being measured. */
  readonly calls: number;
  readonly inFlight: number;
  /** Milliseconds between the starts of two calls. Without it each call follows the previous one at once. */
  readonly every?: number;
}
