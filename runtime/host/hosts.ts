import { join } from "node:path";
import type { Caller } from "../core/api/context.ts";
import type { Declared } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import type { Inspection } from "../core/ports/inspection.ts";
import type { Service } from "../core/ports/service.ts";
import { megabytes } from "../core/settings/memory.ts";
import { Declaring } from "./source/declaring.ts";
import { createLog } from "./execute/work_context.ts";
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
import { Readers, withNativeCode } from "./source/readers.ts";
import { VersionStore } from "./source/version_store.ts";
import { isNameable, type VersionFiles } from "./process/start_function.ts";

/** Options of a runtime's hosts. */
export interface HostsOptions {
  /** The deno.json that function files are loaded with. */
  readonly config: string | undefined;
  /** The folder of deno.lock. @default that of `config` */
  readonly root?: string;
  /** The folder for copies of versions, so that they survive a restart. @default they do not */
  readonly versions?: string;
  /** Whether to keep a process ready to read the next file. */
  readonly keepsReady?: boolean;
  /** The runtime's own services, which functions may not connect to. */
  readonly services?: readonly Service[];
  /** The function that runs under the inspector. */
  readonly inspection?: Inspection;
}

/** Starts the processes that read a runtime's function files and run their messages. */
export class Hosts {
  /** Ends processes when the runtime is gone. */
  readonly guard: Guard;
  /** Keeps the files of versions. */
  readonly versions: VersionStore;
  /** Reads what files declare. */
  readonly declaring: Declaring;
  readonly #packages: Packages;
  readonly #readers: Readers;
  readonly #nativeReaders: Readers;
  readonly #pool: ProcessPool;
  readonly #offLimits: OffLimits;
  readonly #inspection: Inspection | undefined;

  private constructor(options: HostsOptions, folder: RuntimeFolder) {
    const { config, root, versions, keepsReady = false, services = [], inspection } = options;
    this.#inspection = inspection;
    this.#offLimits = new OffLimits(services);
    this.guard = new Guard(folder.path);
    this.versions = new VersionStore(versions ?? join(folder.path, "versions"), join(folder.path, "trees"));
    this.#packages = new Packages({ config, root, lock: folder.lock, guard: this.guard });
    const home: ProcessHome = {
      packages: this.#packages,
      folder,
      memory: new MemoryWatch(),
      guard: this.guard,
    };
    this.#readers = new Readers(home, keepsReady);
    this.#pool = new ProcessPool(home);
    this.#nativeReaders = new Readers(home, false, withNativeCode);
    const readers = { usual: this.#readers, native: this.#nativeReaders };
    this.declaring = new Declaring(readers, this.#packages, () => this.#renew());
  }

  static async open(options: HostsOptions): Promise<Hosts> {
    const hosts = new Hosts(options, await RuntimeFolder.make());
    await hosts.#packages.noteLocked();
    return hosts;
  }

  /** The host of one function. `files` finds the files of its version. */
  hostOf(declared: Declared, files: VersionFiles, caller: Caller, emit: Emit): Host {
    const { code, name, settings } = declared;
    const inspection = this.#inspection?.function === name ? this.#inspection : undefined;
    if (code.kind === "inline") {
      if (inspection) emit({ event: "notice", message: cannotInspect(name) });
      const inline = executable(name, code.declaration, megabytes(settings.memory), code.around);
      return inlineHost(inline, settings.timeout, inlineState(inline, declared, emit));
    }
    const shared = { pool: this.#pool, offLimits: this.#offLimits, caller, emit };
    return new ProcessHost({ ...code, declared, files, inspection, ...shared });
  }

  /** Starts the process that a function file will probably need, before its declaration is known. */
  startAhead(entry: string, modules: readonly string[]): void {
    if (isNameable(modules)) this.#pool.startAhead(entry, modules);
  }

  /** deno.json or deno.lock has changed, so files must be read by new processes. */
  async reconfigured(): Promise<void> {
    await this.#packages.noteLocked();
    await this.#renew();
  }

  /** Ends all processes. Close the hosts first. */
  async close(): Promise<void> {
    this.#packages.close();
    await Promise.all([this.#pool.close(), this.#readers.close(), this.#nativeReaders.close()]);
    await this.guard.close();
  }

  /** Replaces processes that were started earlier, because they do not know the packages that there are now. */
  async #renew(): Promise<void> {
    this.#pool.dropAhead();
    await Promise.all([this.#readers.renew(), this.#nativeReaders.renew()]);
  }
}

/** Why a function cannot be inspected that runs in the runtime. */
export function cannotInspect(name: string): string {
  return `'${name}' cannot be inspected: with isolate: "inline" in deploy.config.ts it has no process of its own`;
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
