import { OrderedQueue } from "./ordered_queue.ts";
import type { Queue, QueueHost, QueueOptions } from "./queue.ts";
import { Stream } from "./stream.ts";

/** A queue of the type that its arguments ask for. */
export function newQueue(options: QueueOptions, host: QueueHost): Queue {
  return options.settings.type === "stream" ? new Stream(options, host) : new OrderedQueue(options, host);
}
