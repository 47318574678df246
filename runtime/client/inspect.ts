import type { Publisher } from "../core/link.ts";
import type { InspectChannel } from "../link/inspect_channel.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import { openLink, type OpenOptions } from "./open_link.ts";

/** A look at a broker's queues, with a publisher beside it. */
export interface Inspection extends AsyncDisposable {
  readonly channel: InspectChannel;
  readonly publisher: Publisher;
}

/** Connects to look at queues. Rejects as `connect` does. */
export async function inspect(url: string | undefined, options: OpenOptions): Promise<Inspection> {
  const link = await openLink(url, options);
  const publisher = new ConfirmedPublisher(link);
  const channel = await (await link.connection()).openInspectChannel();
  return {
    channel,
    publisher,
    async [Symbol.asyncDispose]() {
      await Promise.all([channel.close(), publisher.close()]);
      await link.close();
    },
  };
}
