import { describeError } from "../core/api/errors.ts";
import type { Inspection } from "../core/ports/inspection.ts";
import { addressText, freeAddress, parseAddress } from "../core/address.ts";
import { UsageError } from "./exit.ts";

/** The flags of `hopper run` that are about a debugger. `true`: without an address. */
export interface InspectFlags {
  readonly inspect?: string | true;
  readonly inspectWait?: string | true;
}

const usual = { hostname: "127.0.0.1", port: 9229 };

/**
 * What to inspect, from the flags and the name beside them. The name may also stand where the address could be, as in
 * `--inspect orders` and `--inspect=orders`. Throws a `UsageError` that shows how to write it.
 */
export function inspectionOf(
  { inspect, inspectWait }: InspectFlags,
  name: string | undefined,
): Inspection | undefined {
  if (inspect !== undefined && inspectWait !== undefined) {
    throw new UsageError("Either --inspect or --inspect-wait, not both: --inspect-wait also inspects");
  }
  const said = inspect ?? inspectWait;
  if (said === undefined) {
    if (name === undefined) return undefined;
    throw new UsageError(
      `'run' takes no name without a flag: '--only ${name}' serves a part of the folder, '--inspect ${name}' is for a debugger`,
    );
  }
  const waits = inspectWait !== undefined;
  const flag = waits ? "--inspect-wait" : "--inspect";
  if (said === true) return { function: named(name, flag), ...usual, waits };
  // No function's name has a colon, and a number alone is a port.
  if (/:|^\d+$/.test(said)) {
    const address = parseAddress(said, "an inspector", `${flag}=127.0.0.1:9229 ${name ?? "orders"}`);
    return { function: named(name, flag), ...address, waits };
  }
  if (name === undefined) return { function: said, ...usual, waits };
  throw new UsageError(
    `'${said}' is not HOST:PORT, and only one function can be inspected; write: ${flag} ${name}, or ${flag}=127.0.0.1:9229 ${name}`,
  );
}

function named(name: string | undefined, flag: string): string {
  if (name !== undefined) return name;
  throw new UsageError(`${flag} needs the name of a function; write: ${flag} orders`);
}

/**
 * The same with a port: for 0 a free one, which it keeps. Throws a `UsageError` if nothing can listen on the host. One
 * that is taken is no error: the process then listens on another.
 */
export function withPort(inspection: Inspection): Inspection {
  try {
    return { ...inspection, ...freeAddress(inspection) };
  } catch (error) {
    throw new UsageError(`No inspector can listen on ${addressText(inspection)}: ${describeError(error)}`);
  }
}

/** What to know of an inspector that others can reach; `undefined` if only this machine can. */
export function exposedInspector(inspection: Inspection): string | undefined {
  const { function: name, hostname } = inspection;
  if (/^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(hostname)) return undefined;
  return `Whoever reaches ${
    addressText(inspection)
  } can run any code as ${name}, with its permissions: the inspector asks for no password`;
}
