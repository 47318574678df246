import { pause } from "../core/backoff.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Link } from "../core/ports/amqp.ts";
import { Renewal } from "../topology/renew.ts";
import { TopologyRefused } from "../topology/refusal.ts";
import type { Generation } from "./generation.ts";

/** What keeping up exchanges and bindings takes. */
export interface UpkeepParts {
  /** Milliseconds from one round to the next; one that takes long is followed by as long a wait. */
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
    const { everyMs } = this.#parts;
    for (let waitMs = everyMs; !signal.aborted;) {
      await pause(waitMs, signal);
      const started = performance.now();
      // It rejects where there is no connection to be had any more, as this side stops.
      await this.#round(signal).catch(() => {});
      const tookMs = performance.now() - started;
      waitMs = Math.max(everyMs - tookMs, tookMs);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { serving, link } = this.#parts;
    const renewal = new Renewal(await link.connection(signal));
    const generations = serving();
    this.#forgetBut(generations);
    try {
      for (const generation of generations) {
        if (signal.aborted) return;
        await this.#renew(generation, renewal);
      }
    } finally {
      await renewal.close();
    }
  }

  async #renew({ plan, served: { name, consumer } }: Generation, renewal: Renewal): Promise<void> {
    // One that is not attached declares all of it when it is.
    if (consumer.queue === undefined || plan.exchanges.length === 0) return;
    try {
      await renewal.all(plan, consumer.queue);
      this.#refusals.delete(name);
    } catch (error) {
      // All else goes by, or with the connection: then each function declares all of it when it is attached again.
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
