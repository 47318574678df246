import type { QueueDeclaration } from "../ports/amqp.ts";

/** A queue as text, without defaults: `queue 'a' (durable: false, arguments: {"x":1})`. */
export function describeQueue({ name, durable, arguments: args }: QueueDeclaration): string {
  const parts = [
    ...durable ? [] : ["durable: false"],
    ...Object.keys(args).length === 0 ? [] : [`arguments: ${JSON.stringify(args)}`],
  ];
  return `queue '${name}'${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

/** What to write for a queue that is a stream. */
export function streamRefusal(queue: string): string {
  return `Queue '${queue}' is a stream: write queue("${queue}", { queueType: "stream" }, …), or use another queue`;
}
