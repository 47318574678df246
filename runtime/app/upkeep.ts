import { pause } from "../core/backoff.ts";
import type { Emit } from "../core/events.ts";
import type { Link } from "../core/link.ts";
import { renewTopology } from "../topology/declare.ts";
import { TopologyRefused } from "../topology/refusal.ts";
import type { Generation } from "./generation.ts";

/** What keeping up exchanges and bindings takes. */
export interface UpkeepParts {
  /** Milliseconds between two rounds. */
  readonly everyMs: number;
  readonly link: Link;
  /** The functions that serve. */
  readonly serving: () => readonly Generation[];
  readonly emit: Emit;
}

/**
 * A broker tells nobody that an exchange was deleted, or a binding: the queue's consumer stays, and nothing comes any
 * more. So each function's are declared once more every so often, one function after the other; what is there stays.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #stopping = new AbortController();
  /** What the broker refuses a function, as it was said. */
  readonly #refusals = new Map<string, string>();
  readonly #done: Promise<void>;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#done = this.#run(this.#stopping.signal);
  }

  /** Begins no further function's; resolves when the one under way is through. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs, serving } = this.#parts;
    for (await pause(everyMs, signal); !signal.aborted; await pause(everyMs, signal)) {
      const generations = serving();
      this.#forgetBut(generations);
      for (const generation of generations) {
        if (signal.aborted) return;
        await this.#renew(generation, signal);
      }
    }
  }

  async #renew({ plan, served: { name, consumer } }: Generation, signal: AbortSignal): Promise<void> {
    // One that is not attached declares all of it when it is.
    if (consumer.queue === undefined || plan.exchanges.length === 0) return;
    try {
      await renewTopology(await this.#parts.link.connection(signal), plan, consumer.queue);
      this.#refusals.delete(name);
    } catch (error) {
      if (error instanceof TopologyRefused) this.#say(name, error);
    }
  }

  #say(name: string, { replyCode, message }: TopologyRefused): void {
    // The queue went meanwhile, which its consumer sees.
    if (replyCode === 404 || replyCode === 405 || this.#refusals.get(name) === message) return;
    this.#refusals.set(name, message);
    this.#parts.emit({ event: "notice", message: `${name} may get nothing any more: ${message}` });
  }

  #forgetBut(generations: readonly Generation[]): void {
    const names = new Set(generations.map(({ served: { name } }) => name));
    for (const name of this.#refusals.keys()) if (!names.has(name)) this.#refusals.delete(name);
  }
}
