import type { Publisher } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import type { InspectChannel } from "../link/inspect_channel.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import { openLink, type OpenOptions } from "./open_link.ts";

/** A look at a broker's queues, with a publisher beside it. */
export interface Inspection extends AsyncDisposable {
  readonly channel: InspectChannel;
  readonly publisher: Publisher;
  /** Messages that are ready in each of the queues that exist. */
  counts(queues: readonly string[]): Promise<Map<string, number>>;
}

/** Connects to look at queues. Rejects as `connect` does. */
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
          // The broker closes the channel that asks for a queue that is not there.
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
