/** Sends many messages and collects what is left of them, with a plain AMQP program. */

import type { ConsumeMessage } from "amqplib";
import type { Broker } from "./amqp.ts";

/** `"a.0" "a.1" …` */
export function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}.${index}`);
}

/** Sends a persistent message for every id, and resolves when the broker has confirmed all. */
export async function sendAll(broker: Broker, queue: string, messageIds: readonly string[]): Promise<void> {
  await Promise.all(messageIds.map((messageId) =>
    broker.send(queue, JSON.stringify({ messageId }), {
      messageId,
      persistent: true,
      contentType: "application/json",
    })
  ));
}

/**
 * Takes all messages that are in a queue now, and returns their ids in order; none if the queue does not exist.
 * Messages that arrive meanwhile stay.
 */
export async function takeIds(broker: Broker, queue: string): Promise<string[]> {
  // Its own channel, because asking for a missing queue closes it.
  const channel = await broker.connection.createChannel();
  channel.on("error", () => {});
  try {
    const { messageCount } = await channel.checkQueue(queue);
    const found: string[] = [];
    if (messageCount === 0) return found;
    const { promise, resolve } = Promise.withResolvers<void>();
    const onMessage = (message: ConsumeMessage | null) => {
      if (message === null || found.length === messageCount) return;
      found.push(message.properties.messageId ?? "");
      if (found.length % 1000 === 0 || found.length === messageCount) channel.ack(message, true);
      if (found.length === messageCount) resolve();
    };
    await channel.consume(queue, onMessage);
    await promise;
    return found;
  } catch (error) {
    if ((error as { code?: number }).code === 404) return [];
    throw error;
  } finally {
    await channel.close().catch(() => {});
  }
}

/** Takes messages until every id has arrived, or none has for `quiet` ms, and returns the ids in order. */
export async function takeAll(
  broker: Broker,
  queue: string,
  wanted: readonly string[],
  { quiet = 30_000 } = {},
): Promise<string[]> {
  const found: string[] = [];
  const missing = new Set(wanted);
  for (let heard = Date.now(); missing.size > 0 && Date.now() < heard + quiet;) {
    const taken = await takeIds(broker, queue);
    for (const id of taken) missing.delete(id);
    found.push(...taken);
    if (taken.length > 0) heard = Date.now();
    else await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return found;
}
