import { type Address, addressText, freeAddress } from "../../core/address.ts";
import { pause } from "../../core/backoff.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { Inspection } from "../../core/ports/inspection.ts";
import type { Resolved } from "../../core/settings/settings.ts";

/** How the inspector of one process is started. */
export interface InspectorSpec extends Address {
  readonly waits: boolean;
}

/** How long the parts of a function's life may take, in milliseconds. */
export interface TimeLimits {
  readonly run: number;
  readonly setup: number;
  readonly idle: number;
}

// A timer cannot be set for longer than 24 days.
const never = 20 * 86_400_000;

/** The limits for a function that somebody looks at with a debugger, which may stop it anywhere. */
export const noLimits: TimeLimits = { run: never, setup: never, idle: never };

/** The limits that a function's settings say. */
export function limitsOf({ timeout, setupTimeout, idle }: Resolved): TimeLimits {
  return { run: timeout, setup: setupTimeout, idle };
}

/** How long a file that is inspected may take to be loaded, and its process to connect. */
export const inspectedLoadMs = never;

/**
 * Where to start the inspector of a new process: at the address that was asked for, or at another port if that is taken,
 * for example by the process of the previous version. Throws if the host is none of this machine.
 */
export function inspectorFor({ hostname, port, waits }: Inspection): InspectorSpec {
  const free = freeAddress({ hostname, port }) ?? freeAddress({ hostname, port: 0 })!;
  return { ...free, waits };
}

const lookEveryMs = 50;

/**
 * Deno's inspector answers a moment before Deno begins to wait for a debugger, and does not wait for one that is
 * attached by then. So the address is told this many milliseconds later, and an early debugger gets as many to set its
 * breakpoints before the file is loaded.
 */
export const attachMs = 500;

/** Says where a debugger can be attached, once the inspector is there. Ends early if `over` aborts. */
export async function announceInspector(
  name: string,
  { waits, ...address }: InspectorSpec,
  emit: Emit,
  over: AbortSignal,
): Promise<void> {
  let url: string | undefined;
  while (url === undefined) {
    if (!await pause(lookEveryMs, over)) return;
    url = await debuggerUrl(address, over);
  }
  if (waits && !await pause(attachMs, over)) return;
  const does = waits ? "waits for a debugger, before its file is loaded, at" : "can be debugged at";
  const message = `${name} ${does} ${url}; in Chrome open chrome://inspect or ` +
    `devtools://devtools/bundled/js_app.html?${url.replace("://", "=")}&experiments=true&v8only=true`;
  emit({ event: "notice", message });
}

const sameMachine: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** The `ws://` address of an inspector; `undefined` while it does not answer. */
async function debuggerUrl({ hostname, port }: Address, signal: AbortSignal): Promise<string | undefined> {
  // Nobody can connect to "every address".
  const here = addressText({ hostname: sameMachine[hostname] ?? hostname, port });
  try {
    const [target] = await (await fetch(`http://${here}/json/list`, { signal })).json();
    return target.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}
