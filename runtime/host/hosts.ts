import { join } from "node:path";
import type { Caller } from "../core/context.ts";
import type { Declared } from "../core/declared.ts";
import type { Emit } from "../core/events.ts";
import type { Host } from "../core/host.ts";
import type { Service } from "../core/service.ts";
import { lendCache } from "./cache.ts";
import { Dependencies } from "./dependencies.ts";
import { executable } from "./execute.ts";
import { Guard } from "./guard.ts";
import { MemoryWatch } from "./memory_watch.ts";
import { inlineHost } from "./inline.ts";
import { OffLimits } from "./off_limits.ts";
import { ProcessPool } from "./pool.ts";
import { ProcessHost } from "./process_host.ts";
import { FunctionReader } from "./reader.ts";

/** What a runtime's hosts share. */
export interface HostsOptions {
  /** The folder of function files. */
  readonly functions: string;
  /** The deno.json that the files are read with. */
  readonly config: string | undefined;
  /** Called when a file that was slow to load has been read; without it every file is waited for. */
  readonly onLate?: () => void;
  /** Processes that are kept ready before a function asks for one. */
  readonly warm?: number;
  /** The runtime's own services, which functions are kept from. */
  readonly services?: readonly Service[];
}

/** Where a runtime's functions run: it reads their files and makes their hosts. */
export class Hosts {
  readonly #guard: Guard;
  readonly #pool: ProcessPool;
  readonly #offLimits: OffLimits;
  /** Reads the folder's function files. */
  readonly reader: FunctionReader;

  private constructor(options: HostsOptions, folder: string, cache: string) {
    const { config, services = [] } = options;
    this.#offLimits = new OffLimits(services);
    const guard = this.#guard = new Guard(folder);
    const home = { config, cache, sockets: folder, memory: new MemoryWatch(), guard };
    this.#pool = new ProcessPool(home, options.warm ?? 0);
    this.reader = new FunctionReader(
      options.functions,
      this.#pool,
      new Dependencies(config),
      options.onLate,
    );
  }

  static async open(options: HostsOptions): Promise<Hosts> {
    // Deno makes it readable by this user alone.
    const folder = await Deno.makeTempDir({ prefix: "hopper-" });
    const cache = join(folder, "cache");
    await lendCache(cache);
    return new Hosts(options, folder, cache);
  }

  /** The host of one function. */
  hostOf(declared: Declared, caller: Caller, emit: Emit): Host {
    const { code, name, settings } = declared;
    if (code.kind === "inline") return inlineHost(executable(name, code.declaration), settings.timeout);
    const { sources } = code;
    return new ProcessHost({ declared, sources, pool: this.#pool, offLimits: this.#offLimits, caller, emit });
  }

  /** Ends what nobody uses any more; the hosts have been closed. */
  async close(): Promise<void> {
    await this.#pool.close();
    await this.reader.close();
    await this.#guard.close();
  }
}
