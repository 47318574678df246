import type { Consumer } from "../queue/consumers.ts";
import type { Queue } from "../queue/queue.ts";

/** A consumer, and the queue whose messages it gets. */
export interface QueueConsumer extends Consumer {
  readonly queue: Queue;
}

/**
 * Consumers for which there was no room in something that they share: a channel's limit, or what a connection has yet
 * to send. Queues are served in the order in which they began to wait, so that none of them takes all the room.
 */
export class Waiting {
  readonly #byQueue = new Map<Queue, Set<QueueConsumer>>();

  add(consumer: QueueConsumer): void {
    const waiting = this.#byQueue.get(consumer.queue);
    if (waiting) waiting.add(consumer);
    else this.#byQueue.set(consumer.queue, new Set([consumer]));
  }

  remove(consumer: QueueConsumer): void {
    const waiting = this.#byQueue.get(consumer.queue);
    if (waiting?.delete(consumer) && waiting.size === 0) this.#byQueue.delete(consumer.queue);
  }

  /** Lets all who wait now go on for as long as there is room. A queue that has to wait again goes to the end. */
  serve(hasRoom: () => boolean): void {
    for (let left = this.#byQueue.size; left > 0 && hasRoom(); left--) {
      const [queue, consumers] = this.#byQueue.entries().next().value!;
      this.#byQueue.delete(queue);
      for (const consumer of consumers) queue.consumers.resume(consumer);
      queue.pump();
    }
  }
}
