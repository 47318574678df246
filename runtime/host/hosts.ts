import { join } from "node:path";
import type { Caller } from "../core/api/context.ts";
import type { Declared } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import type { Service } from "../core/ports/service.ts";
import { Declaring } from "./source/declaring.ts";
import { createLog } from "./execute/context.ts";
import { type Executable, executable } from "./execute/execute.ts";
import { environmentFor } from "./process/permission_flags.ts";
import { Guard } from "./process/reaper.ts";
import { inlineHost } from "./inline.ts";
import { InlineState } from "./inline_state.ts";
import { MemoryWatch } from "./process/memory_watch.ts";
import { OffLimits } from "./process/off_limits.ts";
import { Packages } from "./source/packages.ts";
import { RuntimeFolder } from "./process/runtime_folder.ts";
import { ProcessPool } from "./process/pool.ts";
import type { ProcessHome } from "./process/process.ts";
import { ProcessHost } from "./process/process_host.ts";
import { Readers } from "./source/readers.ts";
import { megabytes } from "./process/spec.ts";
import { Snapshots } from "./source/snapshots.ts";
import { isNameable, type VersionFiles } from "./process/start_function.ts";

/** What a runtime's hosts share. */
export interface HostsOptions {
  /** The deno.json that function files are loaded with. */
  readonly config: string | undefined;
  /** Folder for copies of versions that shall survive a restart. Default: they do not. */
  readonly versions?: string;
  /** Whether a process is kept ready that reads the next file. */
  readonly keepsReady?: boolean;
  /** The runtime's own services, which functions are kept from. */
  readonly services?: readonly Service[];
}

/** Where a runtime's functions run: it starts the processes that read their files and run their messages. */
export class Hosts {
  /** Ends processes when the runtime is gone. */
  readonly guard: Guard;
  /** Keeps the files of versions. */
  readonly snapshots: Snapshots;
  /** Reads what files declare. */
  readonly declaring: Declaring;
  readonly #packages: Packages;
  readonly #readers: Readers;
  readonly #pool: ProcessPool;
  readonly #offLimits: OffLimits;

  private constructor(options: HostsOptions, folder: RuntimeFolder) {
    const { config, versions, keepsReady = false, services = [] } = options;
    this.#offLimits = new OffLimits(services);
    this.guard = new Guard(folder.path);
    this.snapshots = new Snapshots(versions ?? join(folder.path, "versions"), join(folder.path, "trees"));
    this.#packages = new Packages({ config, lock: folder.lock, guard: this.guard });
    const home: ProcessHome = {
      packages: this.#packages,
      folder,
      memory: new MemoryWatch(),
      guard: this.guard,
    };
    this.#readers = new Readers(home, keepsReady);
    this.#pool = new ProcessPool(home);
    this.declaring = new Declaring(this.#readers, this.#packages, () => this.#renew());
  }

  static async open(options: HostsOptions): Promise<Hosts> {
    const hosts = new Hosts(options, await RuntimeFolder.make());
    await hosts.#packages.noteLocked();
    return hosts;
  }

  /** The host of one function; `files` says where those of its version are. */
  hostOf(declared: Declared, files: VersionFiles, caller: Caller, emit: Emit): Host {
    const { code, name, settings } = declared;
    if (code.kind === "inline") {
      const inline = executable(name, code.declaration, megabytes(settings.memory));
      return inlineHost(inline, settings.timeout, inlineState(inline, declared, emit));
    }
    const shared = { pool: this.#pool, offLimits: this.#offLimits, caller, emit };
    return new ProcessHost({ ...code, declared, files, ...shared });
  }

  /** Starts the process that a function file of these modules is likely to need, before it is known what it declares. */
  startAhead(entry: string, modules: readonly string[]): void {
    if (isNameable(modules)) this.#pool.startAhead(entry, modules);
  }

  /** What says how files are loaded has changed: they are read by processes that know it. */
  async reconfigured(): Promise<void> {
    await this.#packages.noteLocked();
    await this.#renew();
  }

  /** Ends what nobody uses any more; the hosts have been closed. */
  async close(): Promise<void> {
    this.#packages.close();
    await Promise.all([this.#pool.close(), this.#readers.close()]);
    await this.guard.close();
  }

  /** Processes that were started before do not know of the packages that there are now. */
  async #renew(): Promise<void> {
    this.#pool.dropAhead();
    await this.#readers.renew();
  }
}

function inlineState(
  { setup }: Executable,
  { name, settings }: Declared,
  emit: Emit,
): InlineState | undefined {
  if (setup === undefined) return undefined;
  const log = createLog({
    log: (level, message, data) => emit({ event: "log", level, function: name, message, data }),
  });
  const env = environmentFor(settings.permissions, Deno.env.toObject());
  return new InlineState(setup, { env, log, ms: settings.setupTimeout });
}
