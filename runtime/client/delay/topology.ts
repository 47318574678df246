import type { Channel } from "../../core/ports/amqp.ts";
import { delayNames, firstWait, waitAfter, waitName } from "../../core/ports/delayed.ts";
import { movedHeaders } from "../../core/ports/moved_headers.ts";
import type { Wait } from "./waits.ts";

/** Something that must be at the broker before a message is sent, and how to make it. Equal keys mean the same. */
export interface Needed {
  readonly key: string;
  readonly declare: (channel: Channel) => Promise<void>;
}

/** Where a message goes when it is due: a queue, or an exchange. */
export interface Destination {
  readonly exchange: string;
  readonly routingKey: string;
}

// A quorum queue keeps a message until the next queue has confirmed it. It has no `x-expires`, with which RabbitMQ would
// delete it with its messages.
const replicated = { "x-queue-type": "quorum", "x-delivery-limit": 2 ** 31 - 1 };
const atLeastOnce = {
  ...replicated,
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
};

/** The gate, and all that is behind it but the destinations. */
export const behindWaits: Needed = {
  key: "gate",
  declare: async (channel) => {
    const { lost, due, gate, none } = delayNames;
    await channel.declareExchange(exchange(lost, "fanout"));
    await channel.declareQueue(queue(lost, replicated));
    await channel.bindQueue(lost, lost, "", {});
    await channel.declareQueue(queue(none, { "x-max-length": 0 }));
    await channel.declareExchange(exchange(due, "headers", { "alternate-exchange": lost }));
    await channel.declareExchange(exchange(gate, "direct", { "alternate-exchange": due }));
  },
};

/** The binding that takes a message to its destination. The broker refuses it if there is no such queue or exchange. */
export function destinationOf({ exchange, routingKey }: Destination): Needed {
  const { due, none } = delayNames;
  const match = { "x-match": "all-with-x", [movedHeaders.exchange]: exchange };
  if (exchange === "") {
    const toQueue = { ...match, [movedHeaders.routingKey]: routingKey };
    return {
      key: `to queue ${routingKey}`,
      declare: (channel) => channel.bindQueue(routingKey, due, "", toQueue),
    };
  }
  return {
    key: `to exchange ${exchange}`,
    declare: async (channel) => {
      await channel.bindExchange(exchange, due, "", match);
      // If no queue takes what is published, the hand-over would wait for one, and hold up others.
      await channel.bindQueue(none, due, "", match);
    },
  };
}

/** Everything that a message needs which goes through these waits, the last of them first. */
export function waitsNeeded(path: readonly Wait[]): Needed[] {
  return path.map((wait, i) => [...waitNeeded(wait, i === path.length - 1), step(path[i - 1], wait)])
    .reverse().flat();
}

function waitNeeded({ name, ms }: Wait, isLast: boolean): Needed[] {
  const waiting = waitName(name);
  const next = isLast ? delayNames.gate : waiting;
  return [{
    key: `wait ${name}`,
    declare: async (channel) => {
      if (!isLast) await channel.declareExchange(exchange(waiting, "headers"));
      await channel.declareQueue(
        queue(waiting, { ...atLeastOnce, "x-message-ttl": ms, "x-dead-letter-exchange": next }),
      );
    },
  }];
}

function step(from: Wait | undefined, { name }: Wait): Needed {
  const source = from === undefined ? delayNames.start : waitName(from.name);
  const header = from === undefined ? firstWait : waitAfter(from.name);
  return {
    key: `${source} to ${name}`,
    declare: async (channel) => {
      if (from === undefined) {
        await channel.declareExchange({ ...exchange(source, "headers"), internal: false });
      } else await channel.declareExchange(exchange(source, "headers"));
      await channel.bindQueue(waitName(name), source, "", { "x-match": "all-with-x", [header]: name });
    },
  };
}

function exchange(name: string, type: string, args: Readonly<Record<string, unknown>> = {}) {
  return { name, type, durable: true, autoDelete: false, internal: true, arguments: args };
}

function queue(name: string, args: Readonly<Record<string, unknown>>) {
  return { name, durable: true, exclusive: false, autoDelete: false, arguments: args };
}
