import { inTrace } from "../client/in_trace.ts";
import type { Caller } from "../core/api/context.ts";
import type { Declared } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import type { Host } from "../core/ports/host.ts";
import type { Channel, Connection, Link } from "../core/ports/amqp.ts";
import type { RunPlace } from "../core/ports/trace.ts";
import { consumersOf, type Served } from "../dispatch/drain.ts";
import { serve, type Shared } from "../dispatch/serve.ts";
import { Hold } from "../dispatch/hold.ts";
import type { Pace } from "../dispatch/rate/pace.ts";
import { Paces } from "../dispatch/rate/paces.ts";
import { SwitchHost } from "../host/switch_host.ts";
import type { SentCount } from "../observe/metrics/source.ts";
import { declareTopology } from "../topology/declare.ts";
import { type FunctionPlan, planFunction } from "../topology/plan.ts";
import { Renewal } from "../topology/renew.ts";
import { removeBindings, staleBindings } from "../topology/stale.ts";
import { tryQueue } from "../topology/try_queue.ts";
import { emitting } from "./emitting.ts";
import type { FunctionsFolder } from "./functions_folder.ts";
import type { Senders } from "./senders.ts";
import { Sent } from "./sent.ts";
import { Unrouted } from "./unrouted.ts";

/** One consumer of a function, and the host that runs its messages. */
export interface Generation {
  /** The function; its code may be replaced while the consumer stays. */
  declared: Declared;
  readonly plan: FunctionPlan;
  readonly served: Served;
  readonly host: SwitchHost;
}

/** Starts and ends generations. */
export class Generations {
  readonly #folder: FunctionsFolder;
  readonly #senders: Senders;
  readonly #shared: Shared;
  /** By function, for all its versions together. */
  readonly #unrouted = new Map<string, Unrouted>();
  readonly #holds = new Map<string, Hold>();
  readonly #sent = new Map<string, Sent>();
  readonly #paces = new Map<string, Paces>();

  constructor(folder: FunctionsFolder, senders: Senders, shared: Shared) {
    this.#folder = folder;
    this.#senders = senders;
    this.#shared = shared;
  }

  hostOf(declared: Declared): Host {
    return this.#folder.hostOf(declared, this.#callerOf(declared), this.#shared.emit);
  }

  /** How many messages functions published that no queue took, where that is no error; one line each. */
  get unrouted(): string[] {
    return [...this.#unrouted.values()].flatMap(({ lines }) => lines);
  }

  /** How many messages of a function no queue took, by exchange. */
  unroutedOf(name: string): ReadonlyMap<string, number> {
    return this.#unrouted.get(name)?.counts ?? new Map();
  }

  /** How many messages a function has sent. */
  sentBy(name: string): SentCount[] {
    return this.#sent.get(name)?.counts ?? [];
  }

  /** Starts to serve a function, beside what the previous version still runs; its consumer attaches on its own. */
  start(declared: Declared, before?: Generation): Generation {
    const plan = planFunction(declared);
    const host = new SwitchHost(this.hostOf(declared));
    const declare = async (channel: Channel) => {
      const { link, stop } = this.#shared;
      const connection = await link.connection(stop);
      await tryQueue(connection, plan);
      return await declareTopology(connection, channel, plan);
    };
    const { helpers, queue: { name: queue } } = plan;
    const sender = this.#senders.of(declared.name);
    // Only an rpc replies, so only an rpc needs that connection.
    const replies = declared.trigger.kind === "rpc"
      ? this.#senders.repliesOf(declared.name)
      : sender.publisher;
    const caller = this.#callerOf(declared);
    const own = {
      ...sender,
      caller,
      callerIn: (place: RunPlace) => inTrace(caller, { ...place, tracing: this.#shared.tracing }),
      replies,
      declared,
      host,
      helpers,
      queue,
      stream: plan.stream,
      declare,
      memory: helpers.schedule,
      hold: this.holdOf(declared.name),
      pace: this.paceOf(declared),
      inFlight: before?.served.inFlight,
    };
    return { declared, plan, host, served: serve(own, this.#shared) };
  }

  /** The switch with which an operator pauses a function, for all its versions. */
  holdOf(name: string): Hold {
    const known = this.#holds.get(name) ?? new Hold();
    this.#holds.set(name, known);
    return known;
  }

  /** When a function's runs may begin, for all its versions; `undefined` without a rate. */
  paceOf(declared: Declared): Pace | undefined {
    const { name, settings: { rate } } = declared;
    const { link, emit } = this.#shared;
    const paces = this.#paces.get(name) ?? new Paces({ function: name, link, emit });
    this.#paces.set(name, paces);
    return paces.of(
      rate,
      (rate) => planFunction(declared).helpers.ring(rate),
      this.#senders.of(name).publisher,
    );
  }

  /** Ends the timers and consumers of all rates. */
  async closePaces(): Promise<void> {
    await Promise.all([...this.#paces.values()].map((paces) => paces.close()));
  }

  /** Forgets a function that is gone, once all its generations have retired. */
  async forget(name: string): Promise<void> {
    this.#unrouted.delete(name);
    this.#holds.delete(name);
    this.#sent.delete(name);
    await this.#paces.get(name)?.close();
    this.#paces.delete(name);
    await this.#senders.forget(name);
  }

  /** What a function's handler sends, publishes and calls with. */
  #callerOf(declared: Declared): Caller {
    const { name, settings: { emits = {} } } = declared;
    const { link, emit, stop } = this.#shared;
    const unrouted = this.#unrouted.get(name) ?? new Unrouted(name, emit);
    this.#unrouted.set(name, unrouted);
    const sent = this.#sent.get(name) ?? new Sent();
    this.#sent.set(name, sent);
    let renewing: Promise<void> | undefined;
    const renew = () =>
      renewing ??= renewExchanges(link, planFunction(declared), stop).finally(() => renewing = undefined);
    const { caller } = this.#senders.of(name);
    return emitting({ caller, emits: new Set(Object.keys(emits)), unrouted, sent, renew });
  }

  /**
   * Takes no more messages, lets current runs finish, and closes. Then bindings that the next generation does not have
   * are removed; the queue stays. Never rejects.
   */
  async retire({ served, host, plan }: Generation, next?: FunctionPlan): Promise<void> {
    served.stop();
    await served.ticker?.stop();
    await Promise.all(consumersOf([served]).map((consumer) => consumer.drain()));
    await served.deliveries.ended();
    await Promise.all(consumersOf([served]).map((consumer) => consumer.close()));
    await host.close();
    await served.close();
    const stale = next === undefined ? [] : staleBindings(plan, next);
    if (stale.length > 0) await this.#unbind(plan, stale);
  }

  async #unbind(
    { function: name, queue }: FunctionPlan,
    stale: ReturnType<typeof staleBindings>,
  ): Promise<void> {
    const { link, emit, stop } = this.#shared;
    try {
      const connection: Connection = await link.connection(stop);
      await removeBindings(connection, queue.name, stale);
    } catch (error) {
      const which = stale.map(({ exchange, routingKey }) => `'${exchange}' '${routingKey}'`).join(", ");
      const message = `${name}: queue '${queue.name}' is still bound to ${which}: ${describeError(error)}`;
      emit({ event: "notice", message });
    }
  }
}

async function renewExchanges(link: Link, plan: FunctionPlan, stop: AbortSignal): Promise<void> {
  const renewal = new Renewal(await link.connection(stop));
  try {
    await renewal.exchanges(plan);
  } finally {
    await renewal.close();
  }
}
