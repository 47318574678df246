/** The embedded broker in a worker, so that the test does not own its sockets and timers, and can stop an endless loop. */

import type { BrokerOptions } from "../../runtime/broker/mod.ts";
import { within } from "./wire_client.ts";

// On a busy machine it takes long to compile the modules.
const startMs = 60_000;

export type EmbeddedBroker = {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Set when the worker has ended with an uncaught error. */
  readonly crash?: string;
  stop(): void;
};

export async function startEmbedded(options: BrokerOptions = {}): Promise<EmbeddedBroker> {
  const worker = new Worker(new URL("./contract_embedded_worker.ts", import.meta.url), {
    type: "module",
    name: JSON.stringify(options),
  });
  const started = Promise.withResolvers<string>();
  let crash: string | undefined;
  worker.onmessage = ({ data }) => started.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    crash = event.message;
    started.reject(new Error(`The embedded broker did not start: ${crash}`));
  };
  const url = await within(started.promise, "the embedded broker to start", startMs);
  return {
    url,
    host: new URL(url).hostname,
    port: Number(new URL(url).port),
    get crash() {
      return crash;
    },
    stop: () => worker.terminate(),
  };
}
