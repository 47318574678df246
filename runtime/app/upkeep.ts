import { pause } from "../core/backoff.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Link } from "../core/ports/amqp.ts";
import { Renewal } from "../topology/renew.ts";
import { TopologyRefused } from "../topology/refusal.ts";
import type { Generation } from "./generation.ts";

/** What the upkeep of exchanges and bindings is made with. */
export interface UpkeepParts {
  /** Milliseconds between rounds; after a longer round the wait is as long as the round was. */
  readonly everyMs: number;
  readonly link: Link;
  /** The functions that serve. */
  readonly serving: () => readonly Generation[];
  readonly emit: Emit;
}

/**
 * A broker tells nobody that an exchange or a binding was deleted: the consumer stays, but gets nothing any more. So the
 * exchanges and bindings of each function are declared again now and then, one function after the other. Those that are
 * there stay as they are.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #stopping = new AbortController();
  /** What the broker refused each function, as it was last reported. */
  readonly #refusals = new Map<string, string>();
  readonly #done: Promise<void>;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#done = this.#run(this.#stopping.signal);
  }

  /** Begins with no further function; resolves when the current one is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs } = this.#parts;
    for (let waitMs = everyMs; !signal.aborted;) {
      await pause(waitMs, signal);
      const started = performance.now();
      // It rejects when there is no connection any more, as the runtime stops.
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
    // A consumer that is not attached declares everything when it attaches.
    if (consumer.queue === undefined || plan.exchanges.length === 0) return;
    try {
      await renewal.all(plan, consumer.queue);
      this.#refusals.delete(name);
    } catch (error) {
      // Other errors pass, or end the connection: then each function declares everything when it attaches again.
      if (error instanceof TopologyRefused) this.#say(name, error);
    }
  }

  #say(name: string, { replyCode, message }: TopologyRefused): void {
    // The queue was deleted just now, which its consumer notices.
    if (replyCode === 404 || replyCode === 405 || this.#refusals.get(name) === message) return;
    this.#refusals.set(name, message);
    this.#parts.emit({ event: "notice", message: `${name} may get nothing any more: ${message}` });
  }

  #forgetBut(generations: readonly Generation[]): void {
    const names = new Set(generations.map(({ served: { name } }) => name));
    for (const name of this.#refusals.keys()) if (!names.has(name)) this.#refusals.delete(name);
  }
}
