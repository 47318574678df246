import type { Table } from "../../amqp/table.ts";
import type { Queue } from "../queue/queue.ts";
import { directRouter } from "./direct.ts";
import { fanoutRouter } from "./fanout.ts";
import { headersRouter } from "./headers.ts";
import type { Routable, Router, Rule } from "./router.ts";
import { topicRouter } from "./topic.ts";

export type ExchangeType = "direct" | "fanout" | "topic" | "headers";
export type Destination = Queue | Exchange;

export interface Binding extends Rule<Destination> {
  readonly source: Exchange;
  /** Bindings of one source with the same identity are one binding. */
  readonly identity: string;
}

const routers: Record<ExchangeType, () => Router<Destination>> = {
  direct: directRouter,
  fanout: fanoutRouter,
  topic: topicRouter,
  headers: headersRouter,
};

export function isExchangeType(type: string): type is ExchangeType {
  return Object.hasOwn(routers, type);
}

/** A named exchange, and the bindings that lead away from it. */
export class Exchange {
  readonly kind = "exchange";
  readonly #bindings = new Map<string, Binding>();
  readonly #router: Router<Destination>;

  constructor(
    readonly name: string,
    readonly type: ExchangeType,
    readonly durable: boolean,
    readonly autoDelete: boolean,
    readonly internal: boolean,
    readonly args: Table,
    router: Router<Destination> = routers[type](),
  ) {
    this.#router = router;
  }

  get alternate(): string | undefined {
    return this.args.get("alternate-exchange")?.value as string | undefined;
  }

  /** Bindings whose source this is, by their identity. */
  get bindings(): ReadonlyMap<string, Binding> {
    return this.#bindings;
  }

  bind(binding: Binding): void {
    this.#bindings.set(binding.identity, binding);
    this.#router.add(binding);
  }

  /** False: there was no such binding. */
  unbind(binding: Binding): boolean {
    if (!this.#bindings.delete(binding.identity)) return false;
    this.#router.remove(binding);
    return true;
  }

  /** Calls `found` for every destination of the message; a destination may be found more than once. */
  route(message: Routable, found: (destination: Destination) => void): void {
    this.#router.route(message, found);
  }
}
