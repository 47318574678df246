import type { Queue } from "../queue/queue.ts";
import type { Destination, Exchange } from "./exchange.ts";
import type { Routable, Router } from "./router.ts";

/** The default exchange has no bindings: a routing key is the name of a queue. */
export function defaultRouter(queues: ReadonlyMap<string, Queue>): Router<Destination> {
  return {
    add() {},
    remove() {},
    route(message, found) {
      for (const key of message.keys) {
        const queue = queues.get(key);
        if (queue) found(queue);
      }
    },
  };
}

/**
 * The queues that a message reaches from `start`, each once, however many paths lead to it. An exchange that finds no
 * destination passes the message to its alternate exchange.
 */
export function route(start: Exchange, message: Routable, exchanges: ReadonlyMap<string, Exchange>): Queue[] {
  const queues = new Set<Queue>();
  const seen = new Set<Exchange>([start]);
  const found = (destination: Destination) => {
    if (destination.kind === "queue") queues.add(destination);
    else seen.add(destination);
  };
  // A set also yields what is added during the loop, so that this visits every exchange once.
  for (const exchange of seen) {
    let empty = true;
    exchange.route(message, (destination) => {
      empty = false;
      found(destination);
    });
    const alternate = empty && exchange.alternate !== undefined
      ? exchanges.get(exchange.alternate)
      : undefined;
    if (alternate) found(alternate);
  }
  return [...queues];
}

/** Whether a route from here may depend on headers, and not on the routing key alone. */
export function readsHeaders(start: Exchange, exchanges: ReadonlyMap<string, Exchange>): boolean {
  const seen = new Set<Exchange>([start]);
  for (const exchange of seen) {
    if (exchange.type === "headers") return true;
    for (const { destination } of exchange.bindings.values()) {
      if (destination.kind === "exchange") seen.add(destination);
    }
    const alternate = exchange.alternate !== undefined ? exchanges.get(exchange.alternate) : undefined;
    if (alternate) seen.add(alternate);
  }
  return false;
}
