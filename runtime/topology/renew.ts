import { isPluginType } from "../core/settings/exchange_types.ts";
import { describeExchange } from "../core/settings/exchanges.ts";
import type { Channel, Connection, ExchangeDeclaration } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { bind, declareApart } from "./declare.ts";
import { onChannel } from "./on_channel.ts";
import type { FunctionPlan } from "./plan.ts";
import { explainRefusal } from "./refusal.ts";

/**
 * Declares exchanges and binds queues once more, where somebody may have taken them away; what is there stays as it is.
 * All of it goes over one channel, one thing after the other, and each exchange once however many functions need it.
 */
export class Renewal {
  readonly #connection: Connection;
  #channel: Channel | undefined;
  /** The exchanges that were declared, and what the broker said where it refused. */
  readonly #exchanges = new Map<string, BrokerError | undefined>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** A function's exchanges and bindings. Rejects with `TopologyRefused`, and as its channel does. */
  async all(plan: FunctionPlan, queue: string): Promise<void> {
    await this.exchanges(plan);
    if (plan.passive || plan.bindings.length === 0) return;
    await this.#explaining(plan, () => this.#asking((channel) => bind(channel, plan, queue)));
  }

  /** The same for its exchanges alone. */
  async exchanges(plan: FunctionPlan): Promise<void> {
    if (plan.passive) return;
    await this.#explaining(plan, async () => {
      for (const exchange of plan.exchanges) await this.#declareOnce(exchange);
    });
  }

  async close(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.close();
  }

  async #declareOnce(exchange: ExchangeDeclaration): Promise<void> {
    const key = `${exchange.name}\n${describeExchange(exchange)}`;
    if (!this.#exchanges.has(key)) {
      const refusal = await this.#declare(exchange).catch((error) => {
        if (error instanceof BrokerError) return error;
        throw error;
      });
      this.#exchanges.set(key, refusal ?? undefined);
    }
    const refusal = this.#exchanges.get(key);
    if (refusal) throw refusal;
  }

  async #declare(exchange: ExchangeDeclaration): Promise<void> {
    if (!isPluginType(exchange.type)) {
      return await this.#asking((channel) => channel.declareExchange(exchange));
    }
    // A connection for each that is there would be dear.
    const isThere = await onChannel(this.#connection, (channel) => channel.hasExchange(exchange.name));
    if (!isThere) await declareApart(this.#connection, exchange);
  }

  /** Asks on the channel, which the broker closes when it says no. */
  async #asking(ask: (channel: Channel) => Promise<void>): Promise<void> {
    this.#channel ??= await this.#connection.openChannel();
    try {
      await ask(this.#channel);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #explaining(plan: FunctionPlan, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw error instanceof BrokerError ? explainRefusal(error, plan) : error;
    }
  }
}
