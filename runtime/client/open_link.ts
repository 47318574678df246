import process from "node:process";
import { type Duration, toMilliseconds } from "../core/api/duration.ts";
import type { Event } from "../core/ports/events.ts";
import { BrokerError, ConnectionLost } from "../core/ports/amqp_errors.ts";
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
  const parsed = parseAmqpUris(url ?? brokerUrl((name) => process.env[name]).url);
  const ms = toMilliseconds(options.timeout ?? "10s", "timeout");
  // An attempt cannot be broken off: it shall not outlast the wait by much where nobody answers.
  const addresses = parsed.map((address) => ({
    ...address,
    connectTimeout: Math.min(address.connectTimeout, ms),
  }));
  let lastError: string | undefined;
  let refusal: number | undefined;
  const deadline = new AbortController();
  let refusals = 0;
  const emit = (event: Event) => {
    if (event.event !== "connecting") return;
    lastError = event.error;
    // No waiting mends what every node refuses.
    refusal = event.refused;
    if (refusal !== undefined && ++refusals === addresses.length) deadline.abort();
  };
  const link = new Supervisor({
    addresses,
    name: options.name ?? "hopper client",
    role: "publisher",
    emit,
  });
  const timer = setTimeout(() => deadline.abort(), ms);
  try {
    await link.connection(deadline.signal);
  } catch {
    await link.close();
    const where = addresses.map(({ shown }) => shown).join(", ");
    throw refusal !== undefined && refusals >= addresses.length
      ? new BrokerError(refusal, `${lastError!.replace(/^\d+ /, "")} (${where})`)
      : new ConnectionLost(`connecting to ${where} for ${ms} ms (${lastError ?? "no answer"})`);
  } finally {
    clearTimeout(timer);
  }
  return link;
}
