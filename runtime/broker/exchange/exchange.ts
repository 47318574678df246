import type { Queue } from "../queue/queue.ts";
import type { Table } from "../../amqp/table.ts";
import { directRouter } from "./direct.ts";
import { fanoutRouter } from "./fanout.ts";
import { headersRouter } from "./headers.ts";
import { topicRouter } from "./topic.ts";

export type ExchangeType = "direct" | "fanout" | "topic" | "headers";
export type Destination = Queue | Exchange;

export interface Binding {
  readonly source: Exchange;
  readonly destination: Destination;
  readonly key: string;
  readonly args: Table;
  /** Equal for bindings that are the same binding. */
  readonly identity: string;
}

/** What routing looks at. Headers are decoded only when a headers exchange asks. */
export interface Routable {
  readonly keys: readonly string[];
  headers(): Table;
}

/** The one thing that differs between exchange types. */
export interface Router {
  add(binding: Binding): void;
  remove(binding: Binding): void;
  /** Calls `found` for every destination; more than once for the same does no harm. */
  route(message: Routable, found: (destination: Destination) => void): void;
}

const ROUTERS: Record<ExchangeType, () => Router> = {
  direct: directRouter,
  fanout: fanoutRouter,
  topic: topicRouter,
  headers: headersRouter,
};

export function isExchangeType(type: string): type is ExchangeType {
  return Object.hasOwn(ROUTERS, type);
}

export class Exchange {
  readonly kind = "exchange";
  /** Bindings whose source this is. */
  readonly bindings = new Map<string, Binding>();
  /** Bindings whose destination this is. */
  readonly incoming = new Set<Binding>();
  readonly router: Router;

  constructor(
    readonly name: string,
    readonly type: ExchangeType,
    readonly durable: boolean,
    readonly autoDelete: boolean,
    readonly internal: boolean,
    readonly args: Table,
    router: Router = ROUTERS[type](),
  ) {
    this.router = router;
  }

  get alternate(): string | undefined {
    return this.args.get("alternate-exchange")?.value as string | undefined;
  }
}
