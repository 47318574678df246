import { type LoadedThere, readIn } from "../process/load_into.ts";
import { HostProcess, type ProcessHome } from "../process/process.ts";
import type { ProcessSpec } from "../process/spawn.ts";
import type { ReadHead } from "../wire/messages.ts";

/** It lets each worker read only the file's own modules. Each has the heap that most functions have. */
const usual: ProcessSpec = {
  program: "reader",
  permissions: ["--allow-read", "--allow-sys"],
  env: {},
  memory: 128,
};

/** For files whose packages have native code: nothing can hold that back, so the operator has to allow it. */
export const withNativeCode: ProcessSpec = { ...usual, permissions: [...usual.permissions, "--allow-ffi"] };

// One reads a file while the other still starts.
const atOnce = 2;

// When a file takes longer, a further process reads the next ones.
const slowMs = 500;
const maxAtOnce = 8;

/** A file in the queue. */
interface Wanted {
  readonly head: ReadHead;
  readonly onBegin: () => void;
  readonly resolve: (loaded: LoadedThere) => void;
  readonly reject: (error: unknown) => void;
}

/** Processes that read what files declare. A file that ends or blocks its process harms no other file. */
export class Readers {
  readonly #home: ProcessHome;
  readonly #keepsReady: boolean;
  readonly #spec: ProcessSpec;
  readonly #queue: Wanted[] = [];
  readonly #all = new Set<HostProcess>();
  #ready: Promise<HostProcess | undefined> | undefined;
  /** Goes up with `renew`: a process of an earlier generation does not know the packages that there are now. */
  #generation = 0;
  #working = 0;
  #slow = 0;
  #closed = false;

  /** With `keepsReady` a process stays ready, so that the next file need not wait for one. */
  constructor(home: ProcessHome, keepsReady: boolean, spec: ProcessSpec = usual) {
    this.#home = home;
    this.#keepsReady = keepsReady;
    this.#spec = spec;
  }

  /**
   * What a file declares, or what is wrong with it; `onBegin` is called once a process is there to load it. Rejects with
   * `HostUnavailable` if none can be started.
   */
  read(head: ReadHead, onBegin: () => void): Promise<LoadedThere> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ head, onBegin, resolve, reject });
      this.#work();
    });
  }

  /** Has files read by new processes from now on, as when a package was fetched. */
  async renew(): Promise<void> {
    this.#generation++;
    const ready = this.#ready;
    this.#ready = undefined;
    await this.#end(await ready);
  }

  /** Ends every process and starts no more; files that are being read fail. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const process of this.#all) process.kill();
    await this.#end(await this.#ready);
    await Promise.all([...this.#all].map(({ ended }) => ended));
  }

  #work(): void {
    if (this.#working >= maxAtOnce || this.#working - this.#slow >= atOnce) return;
    if (this.#queue.length > 0) this.#readAll();
  }

  /** Reads files until the queue is empty, in one process for as long as it lives. */
  async #readAll(): Promise<void> {
    this.#working++;
    let process: HostProcess | undefined;
    let generation = this.#generation;
    for (let wanted = this.#queue.shift(); wanted !== undefined; wanted = this.#queue.shift()) {
      if (generation !== this.#generation) {
        await this.#end(process);
        process = undefined;
        generation = this.#generation;
      }
      try {
        process ??= await this.#take();
        wanted.onBegin();
        const loaded = await this.#noticingSlowness(readIn(process, wanted.head));
        if (loaded.kind === "problem" && loaded.process !== undefined) process = undefined;
        wanted.resolve(loaded);
      } catch (error) {
        wanted.reject(error);
      }
    }
    this.#working--;
    if (generation === this.#generation && this.#keepsReady && !this.#closed && this.#ready === undefined) {
      this.#ready = process === undefined ? this.#start().catch(() => undefined) : Promise.resolve(process);
    } else await this.#end(process);
  }

  async #noticingSlowness(reading: Promise<LoadedThere>): Promise<LoadedThere> {
    let isSlow = false;
    const timer = setTimeout(() => {
      isSlow = true;
      this.#slow++;
      this.#work();
    }, slowMs);
    const loaded = await reading;
    clearTimeout(timer);
    if (isSlow) this.#slow--;
    return loaded;
  }

  async #take(): Promise<HostProcess> {
    const ready = this.#ready;
    this.#ready = undefined;
    const process = await ready;
    // It may have ended while it waited.
    return process && this.#all.has(process) ? process : await this.#start();
  }

  async #start(): Promise<HostProcess> {
    const process = await HostProcess.start(this.#spec, this.#home);
    this.#all.add(process);
    process.ended.then(() => this.#all.delete(process));
    // Otherwise a process that was starting during `close` would remain.
    if (this.#closed) process.kill();
    return process;
  }

  async #end(process: HostProcess | undefined): Promise<void> {
    await process?.close();
  }
}
