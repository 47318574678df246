import { HopperError } from "../core/errors.ts";
import type { BrokerError } from "../core/link_errors.ts";
import type { FunctionPlan } from "./plan.ts";

/** The broker will not have a function's exchange, queue or binding; the message says what to do about it. */
export class TopologyRefused extends HopperError {
  /** `replyCode` is AMQP's: 406 for an inequivalent declare, 405 for another's exclusive queue, 403 for a denial. */
  constructor(readonly replyCode: number, message: string, options?: ErrorOptions) {
    super("TOPOLOGY_REFUSED", message, options);
  }
}

/** Which argument differs in a 406, as the broker words it. */
export interface Inequivalence {
  readonly argument: string;
  readonly kind: "queue" | "exchange";
  readonly name: string;
  /** What this function declares. */
  readonly here: string;
  /** What the broker has. */
  readonly there: string;
}

/** Reads RabbitMQ's text for a 406 on a declare. */
export function readInequivalence(replyText: string): Inequivalence | undefined {
  const match =
    /inequivalent arg '(.+?)' for (queue|exchange) '(.*?)' in vhost '.*?': received (.+) but current is (.+)$/s
      .exec(replyText);
  if (match === null) return undefined;
  const [, argument, kind, name, here, there] = match as unknown as string[];
  return {
    argument: argument!,
    kind: kind as Inequivalence["kind"],
    name: name!,
    here: value(here!),
    there: value(there!),
  };
}

/** A refusal as a person can act on it. */
export function explainRefusal(error: BrokerError, plan: FunctionPlan): TopologyRefused {
  const refused = (message: string) => new TopologyRefused(error.replyCode, message, { cause: error });
  const differs = error.replyCode === 406 ? readInequivalence(error.replyText) : undefined;
  if (differs) return refused(explainInequivalence(differs));
  const queue = plan.queue.name;
  if (error.replyCode === 405) {
    return refused(
      `Queue '${queue}' belongs to another connection (exclusive): stop the other program, or use another name`,
    );
  }
  if (error.replyCode === 403) {
    return refused(
      `The broker denies it: ${error.replyText}; give this user configure, write and read permission, or use another name`,
    );
  }
  return refused(
    `The broker refuses what '${plan.function}' declares: ${error.replyCode} ${error.replyText}`,
  );
}

function explainInequivalence({ argument, kind, name, here, there }: Inequivalence): string {
  return `${
    kind === "queue" ? "Queue" : "Exchange"
  } '${name}' exists with other settings: '${argument}' is ${there} ` +
    `at the broker and ${here} here. Match it (${howToMatch(argument, there)}), use another name, ` +
    `or delete the ${kind} at the broker once nothing needs it; Hopper never does`;
}

function howToMatch(argument: string, there: string): string {
  if (argument === "durable" || argument === "exclusive") return `${argument}: ${there}`;
  if (argument === "x-queue-type") {
    return `queueType: ${JSON.stringify(there === "none" ? "classic" : there)}`;
  }
  if (argument === "type") return `use the ${there} trigger`;
  if (argument.startsWith("x-")) {
    return there === "none"
      ? `remove it from 'arguments'`
      : `arguments: { "${argument}": ${literal(there)} }`;
  }
  return `declare it with ${argument} ${there}`;
}

function literal(there: string): string {
  return /^-?\d+$|^true$|^false$/.test(there) ? there : JSON.stringify(there);
}

// RabbitMQ writes 'false', or: the value '1000' of type 'long'.
function value(text: string): string {
  return /'(.*?)'/s.exec(text)?.[1] ?? text;
}
