import { listDeadLetters, purgeDeadLetters, replayDeadLetters } from "../client/dead_letters.ts";
import { type Inspection, inspectOver } from "../client/inspect.ts";
import type { Delivery } from "../core/ports/amqp.ts";
import { BrokerError, ConnectionLost } from "../core/ports/amqp_errors.ts";
import type { Supervisor } from "../link/supervisor.ts";
import { Refused } from "../http/refused.ts";
import { countsLooks } from "../observe/api/queues_routes.ts";
import type { Peeked, QueueCount, QueueOperations } from "../observe/api/operations.ts";

/** How long the broker may take to answer, in milliseconds. */
const answerMs = 5_000;

/** Counts are at most so old, in milliseconds, however many ask for them. */
const freshMs = 1_000;

/** A queue that did not exist is asked for again only after so long, because each such question costs a channel. */
const absentMs = 10_000;

/** A message of a quorum queue is looked at only so often, because the queue counts that as deliveries. */
const maxLooks = 5;

/** How many dead letters are sent back or deleted at a time. */
const maxAll = 1_000_000;

/** Looks into queues, over a link of its own. */
export class QueueInspector implements QueueOperations {
  readonly #link: () => Supervisor;
  readonly #stop: AbortSignal;
  readonly #counted = new Map<string, { readonly at: number; readonly count: QueueCount | undefined }>();
  #counting: Promise<unknown> = Promise.resolve();
  /** Queues that count looks, as was seen. A refused look counts too, so there is no further one. */
  readonly #countsLooks = new Set<string>();

  /** `link` opens the link when it is first needed. */
  constructor(link: () => Supervisor, stop: AbortSignal) {
    this.#link = link;
    this.#stop = stop;
  }

  async counts(queues: readonly string[]): Promise<ReadonlyMap<string, QueueCount>> {
    // One after the other, so that many readers do not ask the same at once.
    const counting = this.#counting.then(() => this.#count(queues.filter((queue) => !this.#isFresh(queue))));
    this.#counting = counting.catch(() => {});
    await counting;
    return new Map(queues.flatMap((queue) => {
      const count = this.#counted.get(queue)?.count;
      return count === undefined ? [] : [[queue, count] as const];
    }));
  }

  async peek(queue: string, max: number): Promise<readonly Peeked[]> {
    if (this.#countsLooks.has(queue)) throw new Refused(409, "COUNTS_LOOKS", countsLooks(queue));
    return await this.#with(async ({ channel }) => {
      const seen: Peeked[] = [];
      for (let left = Math.min(max, await channel.count(queue)); left > 0; left--) {
        const delivery = await channel.get(queue);
        if (delivery === undefined) break;
        // Only a quorum queue counts. The folder does not tell what a queue is that others declared.
        if (delivery.deliveredBefore >= maxLooks) {
          this.#countsLooks.add(queue);
          throw new Refused(409, "COUNTS_LOOKS", countsLooks(queue));
        }
        seen.push(peeked(delivery));
      }
      return seen;
    });
  }

  deadLetters(queue: string, max: number) {
    return this.#ifAny(({ channel }) => listDeadLetters(channel, queue, { max }), []);
  }

  replay(queue: string, ids: readonly string[] | undefined) {
    return this.#ifAny(
      ({ channel, publisher }) => {
        const selection = ids === undefined ? { max: maxAll } : { max: ids.length, ids };
        return replayDeadLetters(channel, publisher, queue, selection, this.#stop);
      },
      { ids: [], interrupted: false },
      Infinity,
    );
  }

  purge(queue: string, ids: readonly string[] | undefined): Promise<number> {
    return this.#ifAny(
      ({ channel }) => ids === undefined ? channel.purge(queue) : purgeDeadLetters(channel, queue, ids),
      0,
      Infinity,
    );
  }

  #isFresh(queue: string): boolean {
    const known = this.#counted.get(queue);
    return known !== undefined &&
      performance.now() < known.at + (known.count === undefined ? absentMs : freshMs);
  }

  async #count(queues: readonly string[]): Promise<void> {
    if (queues.length === 0) return;
    const found = await this.#with(({ looks }) => looks(queues));
    for (const queue of queues) {
      const look = found.get(queue);
      const count = look && { ready: look.waiting, consumers: look.consumers };
      this.#counted.set(queue, { at: performance.now(), count });
    }
  }

  /** A queue for dead letters is declared with the first of them, so it may not exist. */
  #ifAny<T>(work: (inspection: Inspection) => Promise<T>, none: T, ms?: number): Promise<T> {
    return this.#with(async (inspection) => {
      try {
        return await work(inspection);
      } catch (error) {
        if (error instanceof BrokerError && error.replyCode === 404) return none;
        throw error;
      }
    }, ms);
  }

  /** Works on channels of its own. Rejects if the broker does not answer in time; `ms` is for the work. */
  async #with<T>(work: (inspection: Inspection) => Promise<T>, ms = answerMs): Promise<T> {
    const late = new AbortController();
    const tooLate = Promise.withResolvers<never>();
    // Nobody may be waiting any more when it rejects.
    tooLate.promise.catch(() => {});
    const give = () => {
      late.abort();
      tooLate.reject(new ConnectionLost("asking it about queues: it does not answer"));
    };
    let timer = setTimeout(give, answerMs);
    this.#stop.addEventListener("abort", give);
    try {
      const inspection = await Promise.race([inspectOver(this.#link(), late.signal), tooLate.promise]);
      clearTimeout(timer);
      if (ms !== Infinity) timer = setTimeout(give, ms);
      try {
        return await Promise.race([work(inspection), tooLate.promise]);
      } finally {
        // What was looked at is back in its queue then.
        await Promise.race([inspection[Symbol.asyncDispose](), tooLate.promise]).catch(() => {});
      }
    } finally {
      clearTimeout(timer);
      this.#stop.removeEventListener("abort", give);
    }
  }
}

function peeked({ properties, headers, body, exchange, routingKey, redelivered }: Delivery): Peeked {
  const { messageId = "", contentType, headers: _, ...others } = properties;
  const known = { contentType, ...others };
  return {
    messageId,
    exchange,
    routingKey,
    redelivered,
    headers: headers.values,
    properties: Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    body,
    contentType,
  };
}
