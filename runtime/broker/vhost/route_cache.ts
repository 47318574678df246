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

interface Known {
  /** Whether headers may decide, here or at an exchange behind. */
  readonly readsHeaders: boolean;
  readonly byKey: Map<string, Route>;
}

const MAX_ROUTES = 16_384;

/** The routes found since the topology last changed. */
export class RouteCache {
  /** Changes with the topology: a route found under another generation is stale. */
  generation = 0;
  readonly #known = new Map<Exchange, Known>();
  #size = 0;

  constructor(readonly exchanges: ReadonlyMap<string, Exchange>) {}

  clear(): void {
    this.generation++;
    this.#known.clear();
    this.#size = 0;
  }

  find(exchange: Exchange, key: string): Route {
    const known = this.#of(exchange);
    const found = known.byKey.get(key);
    if (found) return found;
    if (this.#size >= MAX_ROUTES) this.#forgetKeys();
    const origin = originOf(exchange.name, key);
    const message = { keys: [key], headers: () => new Map() };
    const queues = known.readsHeaders ? undefined : route(exchange, message, this.exchanges);
    const searched = { exchange, origin, queues };
    known.byKey.set(key, searched);
    this.#size++;
    return searched;
  }

  #of(exchange: Exchange): Known {
    let known = this.#known.get(exchange);
    if (!known) {
      known = { readsHeaders: readsHeaders(exchange, this.exchanges), byKey: new Map() };
      this.#known.set(exchange, known);
    }
    return known;
  }

  #forgetKeys(): void {
    for (const { byKey } of this.#known.values()) byKey.clear();
    this.#size = 0;
  }
}
