import { backoffDelay, pause } from "../../core/backoff.ts";
import { describeError } from "../../core/api/errors.ts";
import type { Channel, Connection, Delivery, Link } from "../../core/ports/amqp.ts";
import type { Emit } from "../../core/ports/events.ts";
import { type Pace, type Permit, Waiters } from "./pace.ts";
import { fillRing, type RingParts } from "./fill_ring.ts";

/*
 * The tokens of a rate that all runtimes share are messages. To begin a run, a runtime takes one from the queue of tokens
 * and rejects it; the broker then keeps it in a second queue until its round is over, and moves it back. So no more runs
 * begin in a round than there are tokens, whoever lives or dies meanwhile: a token that a dead runtime held goes back to
 * its queue. A runtime takes tokens only while a message waits for one.
 */

/** What is needed to share a rate with other runtimes. */
export interface TokenRingParts extends RingParts {
  readonly function: string;
  readonly link: Link;
  /** How many tokens are fetched at once. */
  readonly prefetch: number;
  readonly emit: Emit;
}

// So long it stays attached when nobody waits, because the next message may come at once.
const lingerMs = 50;
// After this time it looks whether the tokens are still there, long before the broker would delete unused queues.
const checkMs = 30_000;
const lostBackoff = { first: 100, max: 3_000 };

/** The rate of all runtimes together. */
export class TokenRing implements Pace {
  readonly #parts: TokenRingParts;
  readonly #closing = new AbortController();
  readonly #waiters = new Waiters();
  #held: Delivery[] = [];
  #attaching: Promise<void> | undefined;
  /** The connection on which the tokens were seen, and when. */
  #seen: { readonly on: Connection; readonly at: number } | undefined;
  /** Resolves when nobody has waited for a while. */
  #quiet = Promise.withResolvers<void>();
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: TokenRingParts) {
    this.#parts = parts;
  }

  get ready(): boolean {
    while (this.#held.length > 0 && !this.#held[0]!.open) this.#held.shift();
    return this.#held.length > 0;
  }

  take(): Permit | undefined {
    const token = this.ready ? this.#held.shift() : undefined;
    this.#lingerIfQuiet();
    if (token === undefined) return undefined;
    let open = true;
    return {
      use() {
        const isFirst = open && token.open;
        open = false;
        if (isFirst) token.reject();
        return isFirst;
      },
      release: () => {
        if (open && token.open) this.#take(token);
        open = false;
      },
    };
  }

  wake(callback: () => void): void {
    this.#waiters.add(callback);
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#keepAttached();
  }

  forget(callback: () => void): void {
    this.#waiters.delete(callback);
    this.#lingerIfQuiet();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#linger);
    this.#quiet.resolve();
    await this.#attaching;
  }

  #take(token: Delivery): void {
    this.#held.push(token);
    this.#waiters.call(() => this.ready);
    this.#lingerIfQuiet();
  }

  #lingerIfQuiet(): void {
    if (this.#waiters.size > 0 || this.#attaching === undefined) return;
    this.#linger ??= setTimeout(() => {
      this.#linger = undefined;
      this.#quiet.resolve();
    }, lingerMs);
  }

  #keepAttached(): void {
    this.#attaching ??= this.#attach().finally(() => {
      this.#attaching = undefined;
      if (this.#waiters.size > 0 && !this.#closing.signal.aborted) this.#keepAttached();
    });
  }

  /** Fetches tokens until nobody has waited for a while. */
  async #attach(): Promise<void> {
    const { signal } = this.#closing;
    const { function: name, link, emit } = this.#parts;
    this.#quiet = Promise.withResolvers();
    for (let attempt = 1; !signal.aborted && this.#waiters.size > 0; attempt++) {
      try {
        const connection = await link.connection(signal);
        await this.#look(connection, signal);
        if (signal.aborted) return;
        const end = await this.#consume(await connection.openChannel());
        if (end === "quiet") return;
        if (end === "lost") this.#seen = undefined;
        attempt = 0;
      } catch (error) {
        this.#seen = undefined;
        if (signal.aborted) return;
        const retryMs = backoffDelay(attempt, lostBackoff);
        if (attempt > 1) {
          emit({
            event: "notice",
            message: `${name}: waits for the tokens of its rate: ${describeError(error)}`,
          });
        }
        await pause(retryMs, signal);
      }
    }
  }

  /** Looks whether the tokens are there, if that is not known. */
  async #look(connection: Connection, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    if (this.#seen?.on === connection && now < this.#seen.at + checkMs) return;
    await fillRing(connection, this.#parts, signal);
    this.#seen = { on: connection, at: now };
  }

  async #consume(channel: Channel): Promise<"quiet" | "lost" | "check"> {
    const { queues: { tokens }, prefetch } = this.#parts;
    const cancelled = Promise.withResolvers<void>();
    const checking = new AbortController();
    try {
      await channel.prefetch(prefetch);
      await channel.consume(tokens.name, { noAck: false }, (token) => this.#take(token), cancelled.resolve);
      return await Promise.race([
        this.#quiet.promise.then(() => "quiet" as const),
        Promise.race([cancelled.promise, channel.ended]).then(() => "lost" as const),
        pause(checkMs, checking.signal).then(() => "check" as const),
      ]);
    } finally {
      checking.abort();
      this.#held = [];
      // Tokens that no run has used go back to their queue with the channel.
      await channel.close();
    }
  }
}
