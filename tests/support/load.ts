/** Many messages, and what is left of them, by a plain AMQP program. */

import type { Broker } from "./amqp.ts";

/** `"a.0" "a.1" …` */
export function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}.${index}`);
}

/** Sends a persistent message for every id; resolves once the broker has them all. */
export async function sendAll(broker: Broker, queue: string, messageIds: readonly string[]): Promise<void> {
  await Promise.all(messageIds.map((messageId) =>
    broker.send(queue, JSON.stringify({ messageId }), {
      messageId,
      persistent: true,
      contentType: "application/json",
    })
  ));
}

/** Takes everything out of a queue, and gives the ids in order; nothing where there is no such queue. */
export async function takeIds(broker: Broker, queue: string): Promise<string[]> {
  // A channel of its own: asking for a queue that is not there closes it.
  const channel = await broker.connection.createChannel();
  channel.on("error", () => {});
  try {
    let { messageCount: left } = await channel.checkQueue(queue);
    const found: string[] = [];
    if (left === 0) return found;
    const { promise, resolve } = Promise.withResolvers<void>();
    const onMessage = (message: { properties: { messageId?: string } } | null) => {
      if (message === null) return;
      found.push(message.properties.messageId ?? "");
      if (--left === 0) resolve();
    };
    await channel.consume(queue, onMessage, { noAck: true });
    await promise;
    return found;
  } catch (error) {
    if ((error as { code?: number }).code === 404) return [];
    throw error;
  } finally {
    await channel.close().catch(() => {});
  }
}
