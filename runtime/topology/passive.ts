import { describeQueue, streamRefusal } from "../core/text/describe_queue.ts";
import { describeExchange } from "../core/settings/exchanges.ts";
import type { Channel, Connection, HelperQueue } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { onChannel } from "./on_channel.ts";
import type { Binding, FunctionPlan } from "./plan.ts";
import { TopologyRefused } from "./refusal.ts";

/**
 * Checks that everything a function needs exists, if others own it, and returns its queue's name. AMQP tells whether a
 * queue exists, but not how it was declared, and nothing about bindings. Rejects with a `TopologyRefused` that names
 * everything the function needs.
 */
export async function checkTopology(
  connection: Connection,
  plan: FunctionPlan,
  helpers: readonly HelperQueue[],
): Promise<string> {
  for (const { name } of plan.exchanges) {
    const isThere = await mayBeThere(connection, (channel) => channel.hasExchange(name));
    if (!isThere) throw missing(`Exchange '${name}'`, plan, helpers);
  }
  const { name: own } = plan.queue;
  if (!await onChannel(connection, (channel) => channel.hasQueue(own))) {
    throw missing(`Queue '${own}'`, plan, helpers);
  }
  for (const { name } of helpers) {
    const isThere = await mayBeThere(connection, (channel) => channel.hasQueue(name));
    if (!isThere) throw missing(`Queue '${name}'`, plan, helpers);
  }
  if (await isStream(connection, own)) throw new TopologyRefused(406, streamRefusal(own));
  return own;
}

/**
 * Whether something exists, as far as this user may know. RabbitMQ 4.3 does not tell without a permission; then it is
 * assumed to exist, because sending messages there through the default exchange needs no permission.
 */
async function mayBeThere(
  connection: Connection,
  ask: (channel: Channel) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await onChannel(connection, ask);
  } catch (error) {
    if (error instanceof BrokerError && error.replyCode === 403) return true;
    throw error;
  }
}

/**
 * Whether a queue is a stream, which Hopper cannot consume. AMQP does not tell, so a consumer with a stream's argument
 * is tried: another queue refuses the argument and names its type; a stream refuses because no prefetch is set.
 */
async function isStream(connection: Connection, queue: string): Promise<boolean> {
  const options = { noAck: false, arguments: { "x-stream-offset": "next" } };
  try {
    await onChannel(connection, (channel) => channel.consume(queue, options, () => {}, () => {}));
    return false;
  } catch (error) {
    if (!(error instanceof BrokerError) || error.replyCode !== 406) throw error;
    return !error.replyText.includes(" of queue type ");
  }
}

/** What the owners have to declare for a function, as text for them. */
export function neededOf(plan: FunctionPlan, helpers: readonly HelperQueue[]): string[] {
  const { exchanges, queue, bindings } = plan;
  return [
    ...exchanges.map((exchange) => `exchange '${exchange.name}' (${describeExchange(exchange)})`),
    describeQueue(queue),
    ...bindings.map((binding) => describeBinding(binding, queue.name)),
    ...helpers.map(describeQueue),
  ];
}

function describeBinding({ exchange, routingKey, arguments: headers }: Binding, queue: string): string {
  const by = Object.keys(headers).length === 0 ? `key '${routingKey}'` : `headers ${JSON.stringify(headers)}`;
  return `a binding of queue '${queue}' to '${exchange}' with ${by}`;
}

function missing(what: string, plan: FunctionPlan, helpers: readonly HelperQueue[]): TopologyRefused {
  const needs = neededOf(plan, helpers).join("; ");
  return new TopologyRefused(
    404,
    `${what} does not exist, and with declare: "passive" nothing is declared. Its owner has to make: ${needs}. ` +
      "To need fewer, write retry: false (no retry queues) or deadLetter: false (none for dead letters)",
  );
}
