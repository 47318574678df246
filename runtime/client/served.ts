import { BrokerError } from "../core/ports/amqp_errors.ts";
import type { Deadline, Deadlines, Waiting } from "../core/deadlines.ts";
import type { Supervisor } from "../link/supervisor.ts";

/** How long a call waits before each look, in milliseconds. */
export const lookEveryMs = 1_000;

// After a new deploy or a restart of the runtime, the consumer is back before the second look.
const maxLooks = 2;

/** Notices calls whose queue exists but has no consumer. Such a request would wait there until it expires. */
export class ServedRpcs {
  readonly #link: Supervisor;
  /** Looks in progress, by queue: all calls that wait for one queue share one look. */
  readonly #looks = new Map<string, Promise<boolean>>();

  constructor(link: Supervisor) {
    this.#link = link;
  }

  /** Whether a queue has a consumer, or no request waits in it. Never rejects. */
  isServed(queue: string): Promise<boolean> {
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

/** The looks of one call, until one of them finds a consumer. Each is due `lookEveryMs` after it was added to `looks`. */
export class ServedWatch implements Waiting {
  #left = maxLooks;
  #ended = false;
  #next: Deadline;

  constructor(
    readonly served: ServedRpcs,
    readonly queue: string,
    readonly looks: Pick<Deadlines, "add" | "delete">,
    readonly onUnserved: () => void,
  ) {
    this.#next = looks.add(this);
  }

  timeOut(): void {
    void this.#look();
  }

  giveUp(): void {
    this.end();
  }

  end(): void {
    this.#ended = true;
    this.looks.delete(this.#next);
  }

  async #look(): Promise<void> {
    if (await this.served.isServed(this.queue) || this.#ended) return;
    if (--this.#left === 0) this.onUnserved();
    else this.#next = this.looks.add(this);
  }
}
