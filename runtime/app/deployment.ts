import type { Declared } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Catalog } from "../discover/catalog.ts";
import type { Served } from "../dispatch/drain.ts";
import type { Generation, Generations } from "./generation.ts";
import { LiveFunction } from "./live_function.ts";

/** The functions that are deployed, as the latest catalog has them. */
export class Deployment {
  readonly #generations: Generations;
  readonly #emit: Emit;
  readonly #functions = new Map<string, LiveFunction>();
  /** Functions whose previous version keeps running, because their file is broken. */
  #kept: ReadonlySet<string> = new Set();

  constructor(generations: Generations, emit: Emit) {
    this.#generations = generations;
    this.#emit = emit;
  }

  /** Starts the functions that are there when the runtime starts. */
  begin({ functions }: Catalog): void {
    for (const declared of functions) this.#function(declared.name).begin(declared);
  }

  /**
   * Makes the running functions match the catalog: one whose file is gone stops, one whose file is broken keeps running
   * as it was. Resolves when they match.
   */
  async apply({ functions, files, pending }: Catalog): Promise<void> {
    this.#sayKept([...functions.map(({ name }) => name), ...pending], files);
    const gone = [...this.#functions.keys()].filter((name) => !files.includes(name));
    await Promise.all([
      ...functions.map((declared) => this.#function(declared.name).become(declared)),
      ...gone.map((name) => this.#functions.get(name)!.become(undefined)),
    ]);
    for (const name of gone) {
      if (this.#functions.get(name)?.generations.length !== 0) continue;
      this.#functions.delete(name);
      await this.#generations.forget(name);
    }
  }

  #sayKept(whole: readonly string[], files: readonly string[]): void {
    const kept = files.filter((name) => !whole.includes(name) && this.#functions.get(name)?.current);
    for (const name of kept) {
      if (this.#kept.has(name)) continue;
      this.#emit({
        event: "notice",
        message: `${name}: the previous version keeps running until the file is fixed`,
      });
    }
    this.#kept = new Set(kept);
  }

  /** The generations that get messages, one of each function. */
  get serving(): readonly Generation[] {
    return [...this.#functions.values()].flatMap(({ current }) => current ?? []);
  }

  /** The functions that are served, each with all its generations. */
  get live(): readonly { readonly current: Generation; readonly all: readonly Generation[] }[] {
    return [...this.#functions.values()].flatMap(({ current, generations }) =>
      current === undefined ? [] : [{ current, all: generations }]
    );
  }

  /** Every version of every function that still runs. */
  get running(): readonly Declared[] {
    return this.#all.map(({ declared }) => declared);
  }

  /** Every generation that may have messages. */
  get served(): readonly Served[] {
    return this.#all.map(({ served }) => served);
  }

  /** Applies no more changes. */
  close(): void {
    for (const live of this.#functions.values()) live.close();
  }

  /** Ends the hosts; their runs have ended. */
  async closeHosts(): Promise<void> {
    await Promise.all(this.#all.map(({ host }) => host.close()));
  }

  get #all(): readonly Generation[] {
    return [...this.#functions.values()].flatMap(({ generations }) => generations);
  }

  #function(name: string): LiveFunction {
    const known = this.#functions.get(name);
    if (known) return known;
    const live = new LiveFunction(name, this.#generations, this.#emit);
    this.#functions.set(name, live);
    return live;
  }
}
