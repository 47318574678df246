/** The programs of this bench: each runs in a process of its own and prints JSON objects, one a line. */

import { fileURLToPath } from "node:url";
import { type Program, start } from "../../support/process.ts";

/** What a program prints. */
export type Figures = Readonly<Record<string, number>>;

const patience = { timeout: 120_000 };

/** Starts a program of this folder; `options` are handed to it as JSON. */
export function startProgram(name: "runtime" | "caller", options: object): Program {
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  return start(Deno.execPath(), ["run", "-A", "--quiet", script, JSON.stringify(options)]);
}

/** The first figures of this name that a program prints, or has printed. */
export async function figures(program: Program, name: string): Promise<Figures> {
  return JSON.parse(await program.line(`{"${name}"`, patience));
}

/** Calls an rpc from a process of its own, and says how it went. */
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
  /** Calls that are measured, after a tenth as many that are not. */
  readonly calls: number;
  readonly inFlight: number;
  /** Milliseconds from one call to the next; without it each follows the one before at once. */
  readonly every?: number;
}
