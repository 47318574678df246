import type { Handler } from "../core/function.ts";
import type { Host } from "../core/host.ts";

/** Runs a handler inside the runtime, with everything the runtime itself may do. */
export function inlineHost(handler: Handler): Host {
  return { run: async (input, context) => await handler(input, context) };
}
