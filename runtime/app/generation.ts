import type { Declared } from "../core/declared.ts";
import { describeError } from "../core/errors.ts";
import type { Host } from "../core/host.ts";
import type { Channel, Connection } from "../core/link.ts";
import { consumersOf, type Served } from "../dispatch/drain.ts";
import { serve, type Shared } from "../dispatch/serve.ts";
import { SwitchHost } from "../host/switch_host.ts";
import { declareTopology } from "../topology/declare.ts";
import { type FunctionPlan, planFunction } from "../topology/plan.ts";
import { removeBindings, staleBindings } from "../topology/stale.ts";
import { tryQueue } from "../topology/try_queue.ts";
import type { FunctionsFolder } from "./functions_folder.ts";
import type { Senders } from "./senders.ts";

/** A function as it is served: one consumer and the host that runs its messages. */
export interface Generation {
  /** What it serves; its code may be replaced under the same consumer. */
  declared: Declared;
  readonly plan: FunctionPlan;
  readonly served: Served;
  readonly host: SwitchHost;
}

/** Begins and ends generations. */
export class Generations {
  readonly #folder: FunctionsFolder;
  readonly #senders: Senders;
  readonly #shared: Shared;

  constructor(folder: FunctionsFolder, senders: Senders, shared: Shared) {
    this.#folder = folder;
    this.#senders = senders;
    this.#shared = shared;
  }

  hostOf(declared: Declared): Host {
    const { caller } = this.#senders.of(declared.name);
    return this.#folder.hostOf(declared, caller, this.#shared.emit);
  }

  /** Serves a function from now on, beside what the version before still runs; its consumer attaches in its own time. */
  start(declared: Declared, before?: Generation): Generation {
    const plan = planFunction(declared);
    const host = new SwitchHost(this.hostOf(declared));
    const declare = async (channel: Channel) => {
      const { link, stop } = this.#shared;
      await tryQueue(await link.connection(stop), plan);
      return await declareTopology(channel, plan);
    };
    const { helpers, queue: { name: queue } } = plan;
    const sender = this.#senders.of(declared.name);
    // An rpc has somebody to reply to; no other function needs the connection for that.
    const replies = declared.trigger.kind === "rpc"
      ? this.#senders.repliesOf(declared.name)
      : sender.publisher;
    const own = { ...sender, replies, declared, host, helpers, queue, declare, twins: before?.served.twins };
    return { declared, plan, host, served: serve(own, this.#shared) };
  }

  /** The function of this name is gone, and each of its generations retired. */
  async forget(name: string): Promise<void> {
    await this.#senders.forget(name);
  }

  /**
   * Takes no more messages, lets what is under way finish, closes. Bindings that the generation after it has no more
   * are taken away then; the queue stays. Never rejects.
   */
  async retire({ served, host, plan }: Generation, next?: FunctionPlan): Promise<void> {
    served.suspects.stop();
    await Promise.all(consumersOf([served]).map((consumer) => consumer.drain()));
    await served.runner.moved();
    await Promise.all(consumersOf([served]).map((consumer) => consumer.close()));
    await host.close();
    served.close();
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
