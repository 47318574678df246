import { openOutsideCaller } from "../app/outside_caller.ts";
import { addressText, parseAddress } from "../core/address.ts";
import type { Declared } from "../core/declared.ts";
import { HopperError } from "../core/api/errors.ts";
import type { Config } from "../core/api/options.ts";
import { within } from "../core/within.ts";
import type { Events } from "../core/ports/events.ts";

/** What functions over HTTP are made of. */
export interface RunHttpParts {
  /** The flag's value; `undefined` without it. */
  readonly flag: string | undefined;
  readonly config: Config;
  /** The broker's URL. */
  readonly broker: string;
  /** The functions; `undefined` while the runtime starts. */
  readonly functions: () => readonly Declared[] | undefined;
  readonly events: Events;
  readonly version: string;
}

/** Functions over HTTP, if they are served. */
export interface RunHttp {
  /** What the banner says of it; `undefined` if it is not served. */
  readonly shown?: string;
  /** Takes no more requests; those under way get some time for their answers. */
  stop(): void;
  /** Closes what is left. */
  close(): Promise<void>;
}

/** As long as functions get to finish when the runtime stops. */
const graceMs = 30_000;

const repliesMs = 2_000;

/** Opens functions to HTTP, if the flag asks for it. Its code is loaded only then. */
export async function openHttp(
  { flag, config, broker, functions, events, version }: RunHttpParts,
): Promise<RunHttp> {
  if (flag === undefined) return { stop: () => {}, close: () => Promise.resolve() };
  const address = parseAddress(flag, "functions over HTTP", "127.0.0.1:8080");
  const { startGateway } = await import("../gateway/mod.ts");
  const caller = await openOutsideCaller(broker, "hopper http");
  try {
    const server = startGateway({
      address,
      config: config.http,
      env: (name) => Deno.env.get(name),
      caller,
      functions,
      onChange: (listener) =>
        events.on(({ event }) => event === "deployed" || event === "removed" ? listener() : undefined),
      onFault: (message) => events.emit({ event: "notice", message }),
      version,
    });
    return {
      shown: `http://${addressText(server)}   POST /call/NAME   tools /mcp`,
      stop: () => void server.close(graceMs),
      async close() {
        // The last replies of functions that have finished are on their way.
        await within(repliesMs, server.close());
        await caller.close();
        await server.close();
      },
    };
  } catch (error) {
    await caller.close();
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    const taken = `${addressText(address)} is taken by another program`;
    throw new HopperError("HTTP_TAKEN", `${taken}; choose another with --http HOST:PORT`);
  }
}
