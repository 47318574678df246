import type { Exchange } from "../exchange/exchange.ts";
import { readsHeaders, route } from "../exchange/route.ts";
import { type Origin, originOf } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";

export interface Route {
  readonly exchange: Exchange;
  readonly origin: Origin;
  /** Where the key leads; undefined where the headers have a say. */
  readonly queues: readonly Queue[] | undefined;
}

const MAX_ROUTES = 16_384;

/** The routes found since the topology last changed. */
export class RouteCache {
  /** Changes with the topology: a route found under another generation is stale. */
  generation = 0;
  readonly #routes = new Map<Exchange, Map<string, Route>>();
  #size = 0;

  constructor(readonly exchanges: ReadonlyMap<string, Exchange>) {}

  clear(): void {
    this.generation++;
    this.#forget();
  }

  find(exchange: Exchange, key: string): Route {
    let byKey = this.#routes.get(exchange);
    const known = byKey?.get(key);
    if (known) return known;
    if (this.#size >= MAX_ROUTES) this.#forget();
    byKey = this.#routes.get(exchange) ?? new Map();
    const found = this.#search(exchange, key);
    this.#routes.set(exchange, byKey.set(key, found));
    this.#size++;
    return found;
  }

  #search(exchange: Exchange, key: string): Route {
    const origin = originOf(exchange.name, key);
    if (readsHeaders(exchange, this.exchanges)) return { exchange, origin, queues: undefined };
    const message = { keys: [key], headers: () => new Map() };
    return { exchange, origin, queues: route(exchange, message, this.exchanges) };
  }

  #forget(): void {
    this.#routes.clear();
    this.#size = 0;
  }
}
