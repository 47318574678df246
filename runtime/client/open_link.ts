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

/** Opens a connection that comes back by itself. Rejects with the same errors as `connect`. */
export async function openLink(url: string | undefined, options: OpenOptions): Promise<Supervisor> {
  const parsed = parseAmqpUris(url ?? brokerUrl((name) => process.env[name]).url);
  const ms = toMilliseconds(options.timeout ?? "10s", "timeout");
  // An attempt cannot be cancelled, so it must not last much longer than the wait itself.
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
    // Waiting does not help when every node refuses.
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
