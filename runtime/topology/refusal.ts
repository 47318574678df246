import { streamRefusal } from "../core/text/describe_queue.ts";
import { HopperError } from "../core/api/errors.ts";
import { describeInequivalence, type Inequivalence, readInequivalence } from "../core/ports/inequivalence.ts";
import { exchangeTypes } from "../core/settings/exchange_types.ts";
import type { ExchangeDeclaration, QueueDeclaration } from "../core/ports/amqp.ts";
import type { BrokerError } from "../core/ports/amqp_errors.ts";
import { singleActive } from "./helpers.ts";
import type { FunctionPlan } from "./plan.ts";

/** The broker refuses a function's exchange, queue or binding. The message says what to do. */
export class TopologyRefused extends HopperError {
  /** `replyCode` is AMQP's: 406 for other settings, 405 for another connection's exclusive queue, 403 for no permission. */
  constructor(readonly replyCode: number, message: string, options?: ErrorOptions) {
    super("TOPOLOGY_REFUSED", message, options);
  }
}

/** Explains a refusal, with what to do. */
export function explainRefusal(error: BrokerError, plan: FunctionPlan): TopologyRefused {
  const refused = (message: string) => new TopologyRefused(error.replyCode, message, { cause: error });
  const differs = error.replyCode === 406 ? readInequivalence(error.replyText) : undefined;
  if (differs) return refused(explainInequivalence(differs, plan));
  const unknownType = /^[A-Z_]+ - (?:unknown|invalid) exchange type '(.*)'/s.exec(error.replyText)
    ?.[1];
  if (unknownType !== undefined) {
    return refused(
      `The broker does not know the exchange type '${unknownType}': enable its plugin there, or use another type`,
    );
  }
  if (error.replyCode === 405) return refused(explainLocked(plan.queue));
  if (error.replyText.includes("transient_nonexcl_queues")) return refused(explainTransient(plan));
  if (error.replyCode === 403) return refused(explainDenial(error, plan));
  return refused(
    `The broker refuses what '${plan.function}' declares: ${error.replyCode} ${error.replyText}`,
  );
}

function explainDenial({ replyText }: BrokerError, { passive }: FunctionPlan): string {
  const way = passive
    ? "give this user read permission for the queue"
    : 'give this user configure, write and read permission, write declare: "passive" if others own it, or use ' +
      "another name";
  return `The broker gives no permission: ${replyText}; ${way}`;
}

function explainLocked({ name, exclusive }: QueueDeclaration): string {
  return exclusive
    ? `Queue '${name}' exists and is not exclusive to this connection: stop the other program, remove 'exclusive', or use another name`
    : `Queue '${name}' belongs to another connection (exclusive): stop the other program, or use another name`;
}

function explainTransient({ queue: { name } }: FunctionPlan): string {
  return `The broker permits no queue that is neither durable nor exclusive, as '${name}' would be: remove ` +
    "'durable: false', or write 'exclusive: true' if each instance should have its own queue " +
    "(the broker's setting is deprecated_features.permit.transient_nonexcl_queues)";
}

function explainInequivalence(differs: Inequivalence, plan: FunctionPlan): string {
  const { kind, name, argument, there } = differs;
  if (argument === "x-queue-type" && there === "stream") return streamRefusal(name);
  if (name === plan.helpers.layout?.name) return otherShards(differs, plan);
  const exchange = plan.exchanges.find((exchange) => exchange.name === name);
  const match = kind === "queue" ? matchingQueue(differs, plan) : exchange &&
    (isTriggers(exchange, plan) ? matchingTrigger(differs, plan) : matchingEmitted(differs, exchange));
  return `${describeInequivalence(differs)}. ` +
    `${match === undefined ? "No setting matches it: use" : `Match it (${match}), use`} another name, ` +
    `or delete the ${kind} at the broker once nothing needs it; Hopper never does`;
}

function otherShards({ name, here, there }: Inequivalence, { function: who, queue }: FunctionPlan): string {
  return `'${who}' has ${there} shards at the broker, and its file says ${here}: messages of one key would be in two of ` +
    `them. Write shards: ${there}; or stop what sends to '${queue.name}', wait until '${name}.0' to '${name}.${
      Number(there) - 1
    }' are empty, and delete the queue '${name}'`;
}

function isTriggers({ name }: ExchangeDeclaration, { bindings }: FunctionPlan): boolean {
  return bindings.some(({ exchange }) => exchange === name);
}

/** What to write in the function's file to match the existing queue; `undefined` if no setting can. */
function matchingQueue({ argument, there }: Inequivalence, plan: FunctionPlan): string | undefined {
  if (argument === "durable") return `durable: ${there}`;
  if (!argument.startsWith("x-")) return undefined;
  if (argument === singleActive && there === "none") return withoutSingleActive(plan);
  if (argument === "x-queue-type") {
    const queueType = there === "none" ? "classic" : there;
    return ["classic", "quorum"].includes(queueType) ? `queueType: "${queueType}"` : undefined;
  }
  if (argument === "x-max-priority") {
    return there === "none" ? "remove 'maxPriority'" : `maxPriority: ${there}`;
  }
  return there === "none" ? "remove it from 'arguments'" : `arguments: { "${argument}": ${literal(there)} }`;
}

/** A schedule always asks for a single active consumer, `order` does too, and others only by argument. */
function withoutSingleActive({ queue, bindings, helpers: { layout } }: FunctionPlan): string | undefined {
  if (bindings.some(({ exchange }) => exchange === `${queue.name}.schedule`)) return undefined;
  return layout === undefined ? "remove it from 'arguments'" : "remove 'order'";
}

/** What to write to match the existing exchange of its trigger. */
function matchingTrigger(differs: Inequivalence, { bindings }: FunctionPlan): string {
  const { name, argument, there } = differs;
  const isOneOfSeveral = bindings.some(({ exchange }) => exchange !== name);
  if (argument === "type" && exchangeTypes.includes(there)) {
    return isOneOfSeveral ? `use the ${there} trigger, in another file` : `use the ${there} trigger`;
  }
  if (isArgument(argument) && there === "none") {
    return isOneOfSeveral
      ? `remove it from the arguments in 'exchanges'`
      : "remove it from 'exchange.arguments'";
  }
  return isOneOfSeveral
    ? `exchanges: { ${JSON.stringify(name)}: { ${fieldLike(differs)} } }`
    : `exchange: { ${fieldLike(differs)} }`;
}

/** What to write to match an existing exchange that it only publishes to; `undefined` if no setting can. */
function matchingEmitted(differs: Inequivalence, { name, type }: ExchangeDeclaration): string | undefined {
  const { argument, there } = differs;
  if (argument === "internal") return undefined;
  if (isArgument(argument) && there === "none") return `remove it from the arguments in 'emits'`;
  const fields = argument === "type" ? fieldLike(differs) : `type: "${type}", ${fieldLike(differs)}`;
  return `emits: { "${name}": { ${fields} } }`;
}

/** Hopper's names for the options of an exchange (not its arguments), by AMQP's names. */
const exchangeOptions = new Map(
  Object.entries({ type: "type", durable: "durable", auto_delete: "autoDelete", internal: "internal" }),
);

function isArgument(argument: string): boolean {
  return !exchangeOptions.has(argument);
}

function fieldLike({ argument, there }: Inequivalence): string {
  const option = exchangeOptions.get(argument);
  return option === undefined
    ? `arguments: { "${argument}": ${literal(there)} }`
    : `${option}: ${literal(there)}`;
}

function literal(there: string): string {
  return /^-?\d+$|^true$|^false$/.test(there) ? there : JSON.stringify(there);
}
