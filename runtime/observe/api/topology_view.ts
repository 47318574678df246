import type { LiveView } from "./operations.ts";
import type { QueueView, TopologyView } from "./views.ts";

/** Exchanges, bindings, queues and functions, as they belong together. */
export function topologyView(functions: readonly LiveView[], queues: readonly QueueView[]): TopologyView {
  const bindings = functions.flatMap(({ queue, bindings }) =>
    bindings.map(({ exchange, routingKey, headers }) => ({ exchange, queue, key: routingKey || headers }))
  );
  const bound = new Set(bindings.map(({ exchange }) => exchange));
  const exchanges = new Map<string, { type: string; emitters: string[]; unrouted: number }>();
  const add = (name: string, type: string) => {
    const known = exchanges.get(name) ?? { type, emitters: [], unrouted: 0 };
    exchanges.set(name, known);
    return known;
  };
  for (const { declared, exchanges: own, emits } of functions) {
    for (const { name, type } of own) add(name, type);
    for (const { exchange, type, unrouted } of emits) {
      const known = add(exchange, type);
      known.emitters.push(declared.name);
      known.unrouted += unrouted;
    }
  }
  return {
    exchanges: [...exchanges].map(([name, known]) => ({ name, ...known, unbound: !bound.has(name) })),
    bindings,
    queues: queues.map((queue) => ({ ...queue, unconsumed: queue.kind === "work" && queue.consumers === 0 })),
    functions: functions.map(({ declared: { name }, queue, state }) => ({ name, queue, state })),
  };
}
