/** The test's side of a fault test's ledger, whose process {@linkcode startLedger} starts. */

import { Program } from "./process.ts";

/** What was noted about a message, and when (ms since the epoch). */
export interface Entry {
  readonly what: string;
  readonly id: string;
  readonly at: number;
}

/** What a function does apart from writing to the ledger. Everything has a default. */
export interface Work {
  /** The function's options. The permission to reach the ledger is added. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Statements between the two entries of a message, which may use `input`, `ctx` and `id`. */
  readonly does?: string;
  /** Addresses that these statements need: `["127.0.0.1:8000"]`. */
  readonly net?: readonly string[];
}

const pollMs = 20;
/** A wait is given up after this time without a new entry. */
const quietMs = 60_000;
/** The maximum time of a wait while new entries keep arriving. */
const maxMs = 15 * 60_000;

/** A running ledger. It ends when it goes out of scope. */
export class Ledger implements AsyncDisposable {
  readonly url: string;
  readonly #process: Program;
  readonly #entries: Entry[] = [];
  readonly #counts = new Map<string, number>();
  readonly #ids = new Map<string, Set<string>>();
  #reading: Promise<void> = Promise.resolve();

  constructor(process: Program, url: string) {
    this.#process = process;
    this.url = url;
  }

  /** All entries so far, in order. */
  async entries(what?: string): Promise<readonly Entry[]> {
    await this.#read();
    return what === undefined ? this.#entries : this.#entries.filter((entry) => entry.what === what);
  }

  /** How often `what` was noted so far. */
  async count(what: string): Promise<number> {
    await this.#read();
    return this.#counts.get(what) ?? 0;
  }

  /** The ids for which `what` was noted so far, each once. */
  async ids(what: string): Promise<ReadonlySet<string>> {
    await this.#read();
    return this.#ids.get(what) ?? new Set();
  }

  /**
   * Waits until `holds` returns true. It is called again after every new entry.
   *
   * @throws Error with the counts that were reached when nothing is said for `quiet` ms
   */
  async until(
    what: string,
    holds: () => boolean | Promise<boolean>,
    { quiet = quietMs } = {},
  ): Promise<void> {
    const end = performance.now() + maxMs;
    let heard = performance.now();
    for (let known = -1; !(await holds());) {
      await this.#read();
      const now = performance.now();
      if (this.#entries.length > known) heard = now;
      known = this.#entries.length;
      if (now > heard + quiet || now > end) {
        const counts = JSON.stringify(Object.fromEntries(this.#counts));
        throw new Error(`Given up: ${what}; the ledger has ${counts} and was quiet for ${now - heard} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** Waits until `what` was noted this many times. */
  async said(what: string, times: number, options?: { quiet?: number }): Promise<void> {
    const enough = () => (this.#counts.get(what) ?? 0) >= times;
    await this.until(`${times} × '${what}'`, enough, options);
  }

  /**
   * Waits until `what` was noted for every id. Returns the ids for which it was not when there was no new entry for
   * `quiet` ms, for the test to judge.
   */
  async missing(what: string, ids: readonly string[], options?: { quiet?: number }): Promise<string[]> {
    let left = [...ids];
    const none = () => {
      const said = this.#ids.get(what);
      left = left.filter((id) => !said?.has(id));
      return left.length === 0;
    };
    await this.until(`'${what}' of all`, none, options).catch(() => {});
    return left;
  }

  /**
   * Source code of a function that consumes `queue` and notes `started` and `ended` for every message. It works in
   * the runtime's process, and in its own process, which may reach only the ledger.
   */
  worker(queue: string, { options = {}, does = "", net = [] }: Work = {}): string {
    const permissions = { net: [new URL(this.url).host, ...net] };
    return `import { queue, Reject, Retry } from "hopper";
const note = async (what, id) => {
  const response = await fetch("${this.url}/" + what, { method: "POST", body: id });
  if (!response.ok) throw new Error("The ledger refused an entry");
};
export default queue("${queue}", ${JSON.stringify({ permissions, ...options })}, async (input, ctx) => {
  const { id } = ctx.message;
  await note("started", id);
  ${does}
  await note("ended", id);
});
`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  /** Reads new entries. Readers take turns, because each asks for the entries after the last one. */
  async #read(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      const response = await fetch(`${this.url}/?from=${this.#entries.length}`);
      for (const entry of await response.json()) this.#note(entry);
    });
    await this.#reading;
  }

  #note(entry: Entry): void {
    const { what, id } = entry;
    this.#entries.push(entry);
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
    const ids = this.#ids.get(what);
    if (ids) ids.add(id);
    else this.#ids.set(what, new Set([id]));
  }
}

/** Starts a ledger. */
export async function startLedger(): Promise<Ledger> {
  const server = new URL("ledger_server.ts", import.meta.url).pathname;
  const process = new Program(Deno.execPath(), ["run", "--allow-net=127.0.0.1", server], {
    env: { NO_COLOR: "1" },
  });
  try {
    const line = await process.line("ledger on ");
    return new Ledger(process, `http://127.0.0.1:${line.split(" ").at(-1)}`);
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}
