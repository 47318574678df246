import type { Queue } from "../queue/queue.ts";
import type { ChannelConsumer } from "./channel_consumer.ts";

/**
 * Consumers for which there was no room in something they share: a channel's limit, or what a connection has yet to
 * send. Queues are served in the order in which they came to wait, so that none of them takes all the room there is.
 */
export class Waiting {
  readonly #byQueue = new Map<Queue, Set<ChannelConsumer>>();

  add(consumer: ChannelConsumer): void {
    const waiting = this.#byQueue.get(consumer.queue);
    if (waiting) waiting.add(consumer);
    else this.#byQueue.set(consumer.queue, new Set([consumer]));
  }

  remove(consumer: ChannelConsumer): void {
    const waiting = this.#byQueue.get(consumer.queue);
    if (waiting?.delete(consumer) && waiting.size === 0) this.#byQueue.delete(consumer.queue);
  }

  /** Lets those go on who wait now, for as long as there is room; who is served goes to the end. */
  serve(hasRoom: () => boolean): void {
    for (let left = this.#byQueue.size; left > 0 && hasRoom(); left--) {
      const [queue, consumers] = this.#byQueue.entries().next().value!;
      this.#byQueue.delete(queue);
      for (const consumer of consumers) queue.consumers.resume(consumer);
      queue.pump();
    }
  }
}
