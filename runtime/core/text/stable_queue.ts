/** A queue as spans and metrics name it: one whose name the broker chose gets a new one each time, so all are one. */
export function stableQueue(queue: string): string {
  return queue === "" || queue.startsWith("amq.gen-") ? "(temporary)" : queue;
}
