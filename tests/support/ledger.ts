/** The ledger of a fault test, as the test reads it; {@linkcode startLedger} starts its process. */

import { Program } from "./process.ts";

/** Something that was said about a message, and when the ledger heard it (ms since the epoch). */
export interface Entry {
  readonly what: string;
  readonly id: string;
  readonly at: number;
}

const pollMs = 20;

/** A ledger that runs; it ends when it goes out of scope. */
export class Ledger implements AsyncDisposable {
  readonly url: string;
  readonly #process: Program;
  readonly #entries: Entry[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(process: Program, url: string) {
    this.#process = process;
    this.url = url;
  }

  /** Everything noted so far. */
  async entries(what?: string): Promise<Entry[]> {
    // One after the other, as each asks for what comes after the last.
    this.#reading = this.#reading.then(() => this.#read());
    await this.#reading;
    return what === undefined ? [...this.#entries] : this.#entries.filter((entry) => entry.what === what);
  }

  async #read(): Promise<void> {
    const response = await fetch(`${this.url}/?from=${this.#entries.length}`);
    for (const entry of await response.json()) this.#entries.push(entry);
  }

  /** The ids of which `what` was said, once each. */
  async ids(what: string): Promise<Set<string>> {
    return new Set((await this.entries(what)).map(({ id }) => id));
  }

  /**
   * Waits until `holds` is true of the entries.
   *
   * @throws Error with the counts that were reached when it is not within `timeout` (ms)
   */
  async until(
    what: string,
    holds: (entries: readonly Entry[]) => boolean,
    { timeout = 60_000 } = {},
  ): Promise<readonly Entry[]> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const entries = await this.entries();
      if (holds(entries)) return entries;
      if (performance.now() > deadline) {
        const counts = JSON.stringify(countBy(entries));
        throw new Error(`Not within ${timeout} ms: ${what}; the ledger has ${counts}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** Waits until something was said of this id, and gives the entry. */
  async entry(what: string, id: string, options?: { timeout?: number }): Promise<Entry> {
    const match = (entry: Entry) => entry.what === what && entry.id === id;
    const entries = await this.until(`'${what}' of '${id}'`, (all) => all.some(match), options);
    return entries.find(match)!;
  }

  /**
   * Source of a function file that consumes `queue` and notes `started` and `ended` of every message; `work` stands
   * between the two.
   */
  worker(queue: string, { options = "{}", work = "" } = {}): string {
    return `import { queue, Reject, Retry } from "hopper";
const note = async (what, id) => {
  const response = await fetch("${this.url}/" + what, { method: "POST", body: id });
  if (!response.ok) throw new Error("The ledger refused an entry");
};
export default queue("${queue}", ${options}, async (input, ctx) => {
  const { id } = ctx.message;
  await note("started", id);
  ${work}
  await note("ended", id);
});
`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
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

/** How often each thing was said. */
export function countBy(entries: readonly Entry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what } of entries) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}
