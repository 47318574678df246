import type { QueueDeclaration } from "../ports/amqp.ts";

/** A queue and how it is declared, as `queue 'a' (durable: false, arguments: {"x":1})`: only what is not the default. */
export function describeQueue({ name, durable, arguments: args }: QueueDeclaration): string {
  const parts = [
    ...durable ? [] : ["durable: false"],
    ...Object.keys(args).length === 0 ? [] : [`arguments: ${JSON.stringify(args)}`],
  ];
  return `queue '${name}'${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

/** Why a queue that is a stream is not consumed. */
export function streamRefusal(queue: string): string {
  return `Queue '${queue}' is a stream, which Hopper cannot consume yet: use another queue, or consume it with a client ` +
    "of its own";
}
