import { BrokerError } from "../core/ports/amqp_errors.ts";
import type { Supervisor } from "../link/supervisor.ts";

// A function that is deployed anew, or a runtime that starts again, has a consumer back by the second look.
const looksAfterMs = [1_000, 2_000];

/** Says of RPCs whose queue is there whether anybody consumes it: a request would wait there until it expires. */
export class ServedRpcs {
  readonly #link: Supervisor;
  /** Looks under way, by queue: however many calls wait for one, it is asked about once. */
  readonly #looks = new Map<string, Promise<boolean>>();

  constructor(link: Supervisor) {
    this.#link = link;
  }

  /** Calls `onUnserved` if at each look a request waits and nobody consumes; gives what ends the watch. */
  watch(queue: string, onUnserved: () => void): () => void {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const look = async (nth: number) => {
      if (await this.#isServed(queue) || !timers.has(timer)) return;
      if (nth + 1 === looksAfterMs.length) return onUnserved();
      after(nth + 1);
    };
    let timer: ReturnType<typeof setTimeout>;
    const after = (nth: number) => {
      timer = setTimeout(() => void look(nth), looksAfterMs[nth]! - (looksAfterMs[nth - 1] ?? 0));
      timers.add(timer);
    };
    after(0);
    return () => {
      clearTimeout(timer);
      timers.clear();
    };
  }

  #isServed(queue: string): Promise<boolean> {
    const known = this.#looks.get(queue);
    if (known) return known;
    const look = this.#look(queue).finally(() => this.#looks.delete(queue));
    this.#looks.set(queue, look);
    return look;
  }

  // What cannot be told is left to the call's timeout, as a queue of another connection's own, which it may serve.
  async #look(queue: string): Promise<boolean> {
    const connection = this.#link.current;
    if (connection === undefined) return true;
    try {
      const channel = await connection.openInspectChannel();
      const { consumers, waiting } = await channel.look(queue);
      await channel.close();
      return consumers > 0 || waiting === 0;
    } catch (error) {
      return !(error instanceof BrokerError && error.replyCode === 404);
    }
  }
}
