import type { Channel, HelperQueue, Link } from "../../core/ports/amqp.ts";

/*
 * A suspect that is delivered again ended a process only if it was running then. It may also have been waiting, and the
 * broker cannot tell the difference. So before a suspect runs, it is marked at the broker, by an empty queue with its
 * token in the name. The next process that gets the message can see the mark. The mark is removed when the run has
 * ended; if nobody removes it, it expires.
 */

/** Remembers at the broker which suspects are running. */
export interface RunMarkers {
  /** Whether the message with this token was running. */
  has(token: string): Promise<boolean>;
  /** The message with this token is about to run. */
  set(token: string): Promise<void>;
  /** Its run has ended. */
  clear(token: string): Promise<void>;
}

/**
 * The markers of one function's suspects. `queueOf` gives the queue that marks a token. `stop` aborts when the runtime
 * stops and waits no longer.
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
