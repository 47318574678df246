import { type BrokerVersion, isRabbitmqSince } from "../core/ports/broker_version.ts";
import type { FunctionPlan } from "./plan.ts";
import { TopologyRefused } from "./refusal.ts";

const maxWildcards = 2;

/** Why the broker would refuse one of a function's patterns. This is checked before anything is declared. */
export function wildcardRefusal(broker: BrokerVersion, plan: FunctionPlan): TopologyRefused | undefined {
  if (!isRabbitmqSince(broker, 4, 3)) return undefined;
  const topics = plan.exchanges.filter(({ type }) => type === "topic").map(({ name }) => name);
  for (const { exchange, routingKey } of plan.bindings) {
    const wildcards = routingKey.split(".").filter((word) => word === "#").length;
    if (wildcards <= maxWildcards || !topics.includes(exchange)) continue;
    return new TopologyRefused(
      406,
      `Pattern '${routingKey}' has ${wildcards} '#', and ${broker.product} ${broker.version} takes at most ` +
        `${maxWildcards} in one pattern: write '*' where one word is meant, or several patterns with fewer '#'`,
    );
  }
}
