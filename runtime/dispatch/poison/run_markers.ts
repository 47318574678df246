import type { Channel, HelperQueue, Link } from "../../core/ports/amqp.ts";

/*
 * A message that comes again from the queue of suspects ended a process only if that ran it: it may as well have been
 * on its way, or waiting for its turn, and the broker says the same of all of them. So before a suspect is run it is
 * marked, where whoever gets it next can see that: by a queue that bears its token. The mark goes once the run has
 * ended, whatever its end; one that nobody removes expires.
 */

/** Remembers at the broker which suspects are being run. */
export interface RunMarkers {
  /** Whether the message with this token was being run. */
  has(token: string): Promise<boolean>;
  /** The message with this token is about to be run. */
  set(token: string): Promise<void>;
  /** Its run has ended. */
  clear(token: string): Promise<void>;
}

/**
 * The markers of one function's suspects; `queueOf` gives the queue that is a token's mark, `stop` is aborted when the
 * runtime will wait no longer.
 */
export function runMarkersAt(
  link: Link,
  queueOf: (token: string) => HelperQueue,
  stop: AbortSignal,
): RunMarkers {
  const onChannel = async <T>(work: (channel: Channel) => Promise<T>): Promise<T> => {
    const channel = await (await link.connection(stop)).openChannel();
    try {
      return await work(channel);
    } finally {
      await channel.close();
    }
  };
  return {
    has: (token) => onChannel((channel) => channel.hasQueue(queueOf(token).name)),
    set: (token) => onChannel(async (channel) => void await channel.declareQueue(queueOf(token))),
    clear: (token) => onChannel((channel) => channel.deleteQueue(queueOf(token).name)),
  };
}

/** A token for a suspect that is moved: of that message, and of this move of it. */
export function newToken(): string {
  return crypto.randomUUID().slice(0, 8);
}
