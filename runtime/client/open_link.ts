import { type Duration, toMilliseconds } from "../core/duration.ts";
import type { Event } from "../core/events.ts";
import { ConnectionLost } from "../core/link_errors.ts";
import { Supervisor } from "../link/supervisor.ts";
import { parseAmqpUris } from "../link/uri.ts";
import { brokerUrl } from "./broker_url.ts";

/** How to connect. */
export interface OpenOptions {
  readonly name?: string;
  readonly timeout?: Duration;
}

/** Connects a supervised link. Rejects as `connect` says. */
export async function openLink(url: string | undefined, options: OpenOptions): Promise<Supervisor> {
  const parsed = parseAmqpUris(url ?? brokerUrl(Deno.env.get).url);
  const ms = toMilliseconds(options.timeout ?? "10s", "timeout");
  // An attempt cannot be broken off: it shall not outlast the wait by much where nobody answers.
  const addresses = parsed.map((address) => ({
    ...address,
    connectTimeout: Math.min(address.connectTimeout, ms),
  }));
  let lastError: string | undefined;
  const emit = (event: Event) => {
    if (event.event === "connecting") lastError = event.error;
  };
  const link = new Supervisor({
    addresses,
    name: options.name ?? "hopper client",
    role: "publisher",
    emit,
  });
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), ms);
  try {
    await link.connection(deadline.signal);
  } catch {
    await link.close();
    throw new ConnectionLost(
      `connecting to ${addresses.map(({ shown }) => shown).join(", ")} for ${ms} ms (${
        lastError ?? "no answer"
      })`,
    );
  } finally {
    clearTimeout(timer);
  }
  return link;
}
