import type { QueueDeclaration } from "../ports/amqp.ts";

/** A queue as text, without defaults: `queue 'a' (durable: false, arguments: {"x":1})`. */
export function describeQueue({ name, durable, arguments: args }: QueueDeclaration): string {
  const parts = [
    ...durable ? [] : ["durable: false"],
    ...Object.keys(args).length === 0 ? [] : [`arguments: ${JSON.stringify(args)}`],
  ];
  return `queue '${name}'${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

/** Why Hopper does not consume a stream. */
export function streamRefusal(queue: string): string {
  return `Queue '${queue}' is a stream, which Hopper cannot consume yet: use another queue, or consume it with another ` +
    "client";
}
