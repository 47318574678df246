/** Probes: messages that are sent after a fault has ended, until one of them is consumed. */

import { type Broker, connectBroker } from "./amqp.ts";
import type { Ledger } from "./ledger.ts";

const everyMs = 100;

/** The result of the probes after one fault. */
export interface Probed {
  /** Seconds until the first probe was consumed. */
  readonly first: number;
  /** Seconds until all probes were consumed. */
  readonly all: number;
  readonly sent: number;
  readonly lost: number;
}

/**
 * Sends probes to `queue` at `url` until the ledger has an `ended` of one, and then waits for all of them. The
 * seconds count from the call, when the fault has just ended.
 *
 * @throws Error when none was consumed within `timeout` (ms)
 */
export async function probe(
  ledger: Ledger,
  url: string,
  queue: string,
  { timeout = 60_000 } = {},
): Promise<Probed> {
  const healed = Date.now();
  const name = crypto.randomUUID();
  const sent: string[] = [];
  const ended = async () => (await ledger.entries("ended")).filter(({ id }) => id.startsWith(name));
  while ((await ended()).length === 0) {
    if (Date.now() > healed + timeout) {
      throw new Error(`${sent.length} probes of '${queue}', none consumed in ${timeout} ms`);
    }
    const id = `${name}.${sent.length}`;
    if (await send(url, queue, id)) sent.push(id);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  const lost = await ledger.missing("ended", sent, { quiet: timeout });
  const times = (await ended()).map(({ at }) => (at - healed) / 1000);
  return { first: Math.min(...times), all: Math.max(...times), sent: sent.length, lost: lost.length };
}

/** Whether the broker has put the message into the queue. While it starts, it has not. */
async function send(url: string, queue: string, id: string): Promise<boolean> {
  let broker: Broker | undefined;
  try {
    broker = await connectBroker(url);
    let returned = false;
    broker.channel.on("return", () => returned = true);
    // Errors of the connection and the channel also reject the publish.
    broker.connection.on("error", () => {});
    broker.channel.on("error", () => {});
    await broker.send(queue, "{}", { messageId: id, persistent: true, mandatory: true });
    return !returned;
  } catch {
    return false;
  } finally {
    await broker?.connection.close().catch(() => {});
  }
}
