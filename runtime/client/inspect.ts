import type { Publisher } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import type { InspectChannel } from "../link/inspect_channel.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import { openLink, type OpenOptions } from "./open_link.ts";

/** Reads a broker's queues, and can publish too. */
export interface Inspection extends AsyncDisposable {
  readonly channel: InspectChannel;
  readonly publisher: Publisher;
  /** The number of ready messages in each queue; queues that do not exist are left out. */
  counts(queues: readonly string[]): Promise<Map<string, number>>;
}

/** Connects to read queues. Rejects with the same errors as `connect`. */
export async function inspect(url: string | undefined, options: OpenOptions): Promise<Inspection> {
  const link = await openLink(url, options);
  const publisher = new ConfirmedPublisher(link);
  const open = async () => await (await link.connection()).openInspectChannel();
  const channel = await open();
  return {
    channel,
    publisher,
    async counts(queues) {
      const found = new Map<string, number>();
      let asking = await open();
      for (const queue of queues) {
        try {
          found.set(queue, await asking.count(queue));
        } catch (error) {
          if (!(error instanceof BrokerError) || error.replyCode !== 404) throw error;
          // The broker closes a channel that asks for a queue which does not exist.
          asking = await open();
        }
      }
      await asking.close();
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([channel.close(), publisher.close()]);
      await link.close();
    },
  };
}
