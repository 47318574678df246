import { HopperError } from "../core/errors.ts";
import { describeInequivalence, type Inequivalence, readInequivalence } from "../core/inequivalence.ts";
import type { QueueDeclaration } from "../core/link.ts";
import type { BrokerError } from "../core/link_errors.ts";
import { triggerKinds } from "../core/trigger.ts";
import type { FunctionPlan } from "./plan.ts";

/** The broker will not have a function's exchange, queue or binding; the message says what to do about it. */
export class TopologyRefused extends HopperError {
  /** `replyCode` is AMQP's: 406 for an inequivalent declare, 405 for another's exclusive queue, 403 for a denial. */
  constructor(readonly replyCode: number, message: string, options?: ErrorOptions) {
    super("TOPOLOGY_REFUSED", message, options);
  }
}

/** A refusal as a person can act on it. */
export function explainRefusal(error: BrokerError, plan: FunctionPlan): TopologyRefused {
  const refused = (message: string) => new TopologyRefused(error.replyCode, message, { cause: error });
  const differs = error.replyCode === 406 ? readInequivalence(error.replyText) : undefined;
  if (differs) return refused(explainInequivalence(differs));
  if (error.replyCode === 405) return refused(explainLocked(plan.queue));
  if (error.replyText.includes("transient_nonexcl_queues")) return refused(explainTransient(plan));
  if (error.replyCode === 403) {
    return refused(
      `The broker denies it: ${error.replyText}; give this user configure, write and read permission, or use another name`,
    );
  }
  return refused(
    `The broker refuses what '${plan.function}' declares: ${error.replyCode} ${error.replyText}`,
  );
}

function explainLocked({ name, exclusive }: QueueDeclaration): string {
  return exclusive
    ? `Queue '${name}' exists and is not this connection's alone: stop the other program, remove 'exclusive', or use another name`
    : `Queue '${name}' belongs to another connection (exclusive): stop the other program, or use another name`;
}

function explainTransient({ queue: { name } }: FunctionPlan): string {
  return `The broker permits no queue that is neither durable nor exclusive, as '${name}' would be: remove ` +
    "'durable: false', or write 'exclusive: true' where each instance shall have a queue of its own " +
    "(the broker's setting is deprecated_features.permit.transient_nonexcl_queues)";
}

function explainInequivalence(differs: Inequivalence): string {
  const match = howToMatch(differs);
  return `${describeInequivalence(differs)}. ` +
    `${match === undefined ? "No setting matches it: use" : `Match it (${match}), use`} another name, ` +
    `or delete the ${differs.kind} at the broker once nothing needs it; Hopper never does`;
}

/** What to write in the function's file; nothing where Hopper declares no such queue or exchange. */
function howToMatch({ argument, kind, there }: Inequivalence): string | undefined {
  if (argument === "durable") return `durable: ${there}`;
  if (argument === "type") {
    return (triggerKinds as readonly string[]).includes(there) ? `use the ${there} trigger` : undefined;
  }
  if (kind === "exchange" || !argument.startsWith("x-")) return undefined;
  if (argument === "x-queue-type") {
    const queueType = there === "none" ? "classic" : there;
    return ["classic", "quorum"].includes(queueType) ? `queueType: "${queueType}"` : undefined;
  }
  return there === "none" ? "remove it from 'arguments'" : `arguments: { "${argument}": ${literal(there)} }`;
}

function literal(there: string): string {
  return /^-?\d+$|^true$|^false$/.test(there) ? there : JSON.stringify(there);
}
