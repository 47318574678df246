import { pause } from "../../core/backoff.ts";
import type { Channel, Connection, HelperQueue, Publisher } from "../../core/ports/amqp.ts";
import { BrokerError } from "../../core/ports/amqp_errors.ts";

/** The queues of a rate that runtimes share. */
export interface RingQueues {
  /** Tokens that a run may use. */
  readonly tokens: HelperQueue;
  /** Used tokens, until they go back. */
  readonly spent: HelperQueue;
  /** Holds a message once all tokens are there. */
  readonly full: HelperQueue;
  /** Exists while a runtime makes the tokens, and belongs to that one's connection. */
  readonly lock: HelperQueue;
}

/** What is needed to make the tokens. */
export interface RingParts {
  readonly queues: RingQueues;
  /** How many tokens there are. */
  readonly count: number;
  readonly publisher: Pick<Publisher, "publish">;
}

const lockedMs = 100;
// How many tokens are unconfirmed at once.
const atOnce = 500;

/**
 * Makes the tokens, if they are not there: once, whichever runtimes ask for it at the same time. The tokens and the mark
 * that they are complete are transient messages, so a broker that restarts has forgotten both, and they are made again.
 * Then all of them count as just used, because nobody knows which were.
 */
export async function fillRing(connection: Connection, parts: RingParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !await isFull(connection, parts)) {
    if (await fillLocked(connection, parts)) return;
    await pause(lockedMs, signal);
  }
}

/** Whether all tokens are there. */
async function isFull(connection: Connection, { queues: { tokens, spent, full } }: RingParts) {
  return await onChannel(connection, async (channel) => {
    if (!await channel.hasQueue(full.name)) return false;
    for (const queue of [tokens, spent, full]) await channel.declareQueue(queue);
    return await channel.messagesIn(full.name) > 0;
  });
}

/** Returns whether this runtime was the one to make them. */
async function fillLocked(connection: Connection, parts: RingParts): Promise<boolean> {
  return await onChannel(connection, async (channel) => {
    try {
      await channel.declareQueue(parts.queues.lock);
    } catch (error) {
      if (error instanceof BrokerError && error.replyCode === 405) return false;
      throw error;
    }
    try {
      if (!await isFull(connection, parts)) await fill(connection, parts);
      return true;
    } finally {
      await channel.deleteQueue(parts.queues.lock.name).catch(() => {});
    }
  });
}

async function fill(connection: Connection, { queues, count, publisher }: RingParts): Promise<void> {
  const { tokens, spent, full } = queues;
  const isNew = !await onChannel(connection, (channel) => channel.hasQueue(full.name));
  await onChannel(connection, async (channel) => {
    // What a runtime that died while it made them has left.
    for (const queue of [tokens, spent]) await channel.deleteQueue(queue.name);
    for (const queue of [spent, tokens, full]) await channel.declareQueue(queue);
  });
  const to = isNew ? tokens : spent;
  for (let left = count; left > 0; left -= atOnce) {
    await Promise.all(Array.from({ length: Math.min(left, atOnce) }, () => publisher.publish(tokenFor(to))));
  }
  await publisher.publish(tokenFor(full));
}

function tokenFor({ name }: HelperQueue) {
  return { exchange: "", routingKey: name, body: new Uint8Array(), properties: { persistent: false } };
}

async function onChannel<T>(connection: Connection, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await connection.openChannel();
  try {
    return await work(channel);
  } finally {
    await channel.close();
  }
}
