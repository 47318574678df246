import { BrokerError } from "../core/ports/amqp_errors.ts";
import type { Supervisor } from "../link/supervisor.ts";

// After a new deploy or a restart of the runtime, the consumer is back before the second look.
const looksAfterMs = [1_000, 2_000];

/** Notices calls whose queue exists but has no consumer. Such a request would wait there until it expires. */
export class ServedRpcs {
  readonly #link: Supervisor;
  /** Looks in progress, by queue: all calls that wait for one queue share one look. */
  readonly #looks = new Map<string, Promise<boolean>>();

  constructor(link: Supervisor) {
    this.#link = link;
  }

  /** Calls `onUnserved` if every look finds a waiting request and no consumer. The returned function ends the watch. */
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

  // If the broker does not tell, the call's own timeout decides: the queue may be another connection's exclusive one,
  // and that connection may serve it.
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
