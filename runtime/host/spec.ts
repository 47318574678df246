import type { Resolved } from "../core/settings.ts";
import type { ProcessSpec } from "./process.ts";

/** What a function's process may do and have. */
export function specOf({ memory }: Resolved): ProcessSpec {
  return { permissions: [], env: {}, memory: megabytes(memory) };
}

function megabytes(memory: string): number {
  const amount = Number.parseInt(memory);
  return memory.endsWith("GB") ? amount * 1024 : amount;
}
