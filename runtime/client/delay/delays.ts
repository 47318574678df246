import type { Channel, Outgoing, Publisher } from "../../core/ports/amqp.ts";
import { BrokerBlocked, ConnectionLost, NoSuchExchange, Unroutable } from "../../core/ports/amqp_errors.ts";
import { within } from "../../core/within.ts";
import type { Supervisor } from "../../link/supervisor.ts";
import { cancelledIn, cancelSlot, newCancelId, readCancelId } from "./cancel.ts";
import type { Due } from "./due.ts";
import { explainDelay } from "./explain.ts";
import { delayedLetter, requireDelayable } from "./letter.ts";
import { SameTimes } from "./same_times.ts";
import { behindWaits, destinationOf, type Needed, waitsNeeded } from "./topology.ts";
import { pathOf } from "./waits.ts";

// What was declared is declared again after this time, in case somebody deleted it, or its destination came back.
const trustMs = 30_000;

// One entry for each queue, binding and destination. With more, some are declared too often.
const maxTrusted = 10_000;

/** How long the broker may take for all declarations of one message, in milliseconds. */
const declareMs = 30_000;

const maxTries = 3;

/** Sends messages that arrive later, and cancels them. The broker keeps them; nothing of them stays here. */
export class Delays {
  readonly #link: Supervisor;
  /** What is at the broker, and since when that is known: a time of `performance.now()`. */
  readonly #trusted = new Map<string, number>();
  readonly #sameTimes = new SameTimes();
  /** Declarations are made one after the other: those who need the same ones find them made. */
  #declaring: Promise<unknown> = Promise.resolve();

  constructor(link: Supervisor) {
    this.#link = link;
  }

  /**
   * Sends a message that arrives when it is due. Returns the id with which it can be cancelled, if it shall have one.
   * Rejects as a publisher does, with `Unroutable` if the queue does not exist now, and with `NoSuchExchange`.
   */
  async send(
    publisher: Publisher,
    message: Outgoing,
    due: Due,
    cancel: boolean,
  ): Promise<string | undefined> {
    requireDelayable(message);
    const { exchange, routingKey, properties: { priority } } = message;
    const destination = `${exchange}\n${exchange === "" ? routingKey : ""}`;
    for (let attempt = 1;; attempt++) {
      // A time is a time, however long the broker was away. A delay begins when the broker has the message.
      if (due.kind === "at") await this.#connection();
      const now = Date.now();
      const ms = due.kind === "after" ? due.ms : this.#sameTimes.delayOf(due.time, now);
      const id = cancel ? newCancelId(now + Math.max(0, ms)) : undefined;
      if (ms <= 0) {
        await publisher.publish(message);
        return id;
      }
      const path = pathOf(ms, destination, priority);
      const made = await this.#make([behindWaits, destinationOf(message), ...waitsNeeded(path)], message);
      if (made && due.kind === "at" && attempt < maxTries) continue;
      try {
        await publisher.publish(delayedLetter(message, path.map(({ name }) => name), id));
        return id;
      } catch (error) {
        const isGone = error instanceof Unroutable || error instanceof NoSuchExchange;
        if (!isGone || attempt >= maxTries) throw error;
        this.#trusted.clear();
      }
    }
  }

  /**
   * Keeps a message from arriving. Returns whether it was still waiting then, by this machine's clock. Throws an
   * `ArgumentError` if `id` is none.
   */
  async cancel(id: string): Promise<boolean> {
    const due = readCancelId(id);
    const slot = cancelSlot(due, Date.now());
    await this.#make([behindWaits, ...cancelledIn(slot, id)], { exchange: "", routingKey: id });
    return Date.now() < due;
  }

  /** Makes what is not known to be at the broker. Returns whether that took time. */
  #make(needed: readonly Needed[], destination: Pick<Outgoing, "exchange" | "routingKey">): Promise<boolean> {
    if (this.#missing(needed).length === 0) return Promise.resolve(false);
    const making = this.#declaring.then(async () => {
      const missing = this.#missing(needed);
      try {
        if (missing.length > 0) await this.#declare(missing);
      } catch (error) {
        throw explainDelay(error, destination);
      }
      return true;
    });
    this.#declaring = making.catch(() => {});
    return making;
  }

  #missing(needed: readonly Needed[]): Needed[] {
    const since = performance.now() - trustMs;
    return needed.filter(({ key }) => !((this.#trusted.get(key) ?? -Infinity) > since));
  }

  async #declare(missing: readonly Needed[]): Promise<void> {
    for (let attempt = 1;; attempt++) {
      const connection = await this.#connection();
      // The broker would not read the declarations.
      if (connection.blocked !== undefined) throw new BrokerBlocked(connection.blocked);
      try {
        const declared = within(declareMs, declareOn(await connection.openChannel(), missing));
        if (await declared === "late") {
          throw new ConnectionLost("declaring what a delay needs: the broker is silent");
        }
        break;
      } catch (error) {
        if (connection.open || attempt >= maxTries) throw error;
      }
    }
    if (this.#trusted.size >= maxTrusted) this.#trusted.clear();
    const now = performance.now();
    for (const { key } of missing) this.#trusted.set(key, now);
  }

  async #connection() {
    const connection = this.#link.current ?? await within(declareMs, this.#link.connection());
    if (connection === "late") {
      throw new ConnectionLost(`sending a message, and did not come back within ${declareMs} ms`);
    }
    return connection;
  }
}

// On a channel of its own, because the broker closes the channel when it refuses a declaration.
async function declareOn(channel: Channel, missing: readonly Needed[]): Promise<void> {
  try {
    for (const { declare } of missing) await declare(channel);
  } finally {
    await channel.close();
  }
}
