import type { Exchange } from "../exchange/exchange.ts";
import { readsHeaders, route } from "../exchange/route.ts";
import { type Origin, originOf } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";

export interface Route {
  readonly exchange: Exchange;
  readonly origin: Origin;
  /** Where the key leads; undefined where headers decide too. */
  readonly queues: readonly Queue[] | undefined;
}

interface Known {
  /** Whether headers may decide, at this exchange or at one that it leads to. */
  readonly readsHeaders: boolean;
  readonly byKey: Map<string, Route>;
}

const maxRoutes = 16_384;

/** The routes that were found since exchanges, queues or bindings last changed. */
export class RouteCache {
  #generation = 0;
  readonly #known = new Map<Exchange, Known>();
  #size = 0;

  constructor(readonly exchanges: ReadonlyMap<string, Exchange>) {}

  /** Rises when exchanges, queues or bindings change: a route that was found under an earlier number is out of date. */
  get generation(): number {
    return this.#generation;
  }

  /** Exchanges, queues or bindings have changed. */
  clear(): void {
    this.#generation++;
    this.#known.clear();
    this.#size = 0;
  }

  find(exchange: Exchange, key: string): Route {
    const known = this.#of(exchange);
    const found = known.byKey.get(key);
    if (found) return found;
    if (this.#size >= maxRoutes) this.#forgetKeys();
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
