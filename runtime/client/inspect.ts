import type { Publisher } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import type { InspectChannel } from "../link/inspect_channel.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import type { Supervisor } from "../link/supervisor.ts";
import { openLink, type OpenOptions } from "./open_link.ts";

/** How a queue is. */
export interface Look {
  /** Ready messages. */
  readonly waiting: number;
  readonly consumers: number;
}

/** Reads a broker's queues, and can publish too. */
export interface Inspection extends AsyncDisposable {
  readonly channel: InspectChannel;
  readonly publisher: Publisher;
  /** The number of ready messages in each queue; queues that do not exist are left out. */
  counts(queues: readonly string[]): Promise<Map<string, number>>;
  /** The same, with how many consumers each has. */
  looks(queues: readonly string[]): Promise<Map<string, Look>>;
}

/** Connects to read queues. Rejects with the same errors as `connect`. */
export async function inspect(url: string | undefined, options: OpenOptions): Promise<Inspection> {
  const link = await openLink(url, options);
  const inspection = await inspectOver(link);
  return {
    ...inspection,
    async [Symbol.asyncDispose]() {
      await inspection[Symbol.asyncDispose]();
      await link.close();
    },
  };
}

/** Reads queues over a link, which stays open. Rejects when `signal` aborts before there is a connection. */
export async function inspectOver(link: Supervisor, signal?: AbortSignal): Promise<Inspection> {
  const publisher = new ConfirmedPublisher(link);
  const open = async () => await (await link.connection(signal)).openInspectChannel();
  const channel = await open();
  const looks = async (queues: readonly string[]) => {
    const found = new Map<string, Look>();
    let asking = await open();
    for (const queue of queues) {
      try {
        found.set(queue, await asking.look(queue));
      } catch (error) {
        if (!(error instanceof BrokerError) || error.replyCode !== 404) throw error;
        // The broker closes a channel that asks for a queue which does not exist.
        asking = await open();
      }
    }
    await asking.close();
    return found;
  };
  return {
    channel,
    publisher,
    looks,
    counts: async (queues) =>
      new Map([...await looks(queues)].map(([queue, { waiting }]) => [queue, waiting])),
    async [Symbol.asyncDispose]() {
      await Promise.all([channel.close(), publisher.close()]);
    },
  };
}
