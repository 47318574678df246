import { isPluginType } from "../core/settings/exchange_types.ts";
import { describeExchange } from "../core/settings/exchanges.ts";
import type { Channel, Connection, ExchangeDeclaration } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { bind, declareApart } from "./declare.ts";
import { onChannel } from "./on_channel.ts";
import type { FunctionPlan } from "./plan.ts";
import { explainRefusal } from "./refusal.ts";

/**
 * Declares exchanges and binds queues again, in case somebody deleted them. What exists stays as it is. Everything uses
 * one channel, in sequence, and each exchange is declared once, however many functions need it.
 */
export class Renewal {
  readonly #connection: Connection;
  #channel: Channel | undefined;
  /** The exchanges declared so far, each with the broker's error if it refused. */
  readonly #exchanges = new Map<string, BrokerError | undefined>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Renews a function's exchanges and bindings. If the broker refuses one exchange, those of the others are renewed all
   * the same. Then it rejects with `TopologyRefused`; otherwise as its channel does.
   */
  async all(plan: FunctionPlan, queue: string): Promise<void> {
    if (plan.passive) return;
    await this.#explaining(plan, async () => {
      const refusals = await this.#refusals(plan.exchanges);
      const bindings = plan.bindings.filter(({ exchange }) => !refusals.has(exchange));
      if (bindings.length > 0) await this.#asking((channel) => bind(channel, bindings, queue));
      for (const refusal of refusals.values()) throw refusal;
    });
  }

  /** Renews only its exchanges. */
  async exchanges(plan: FunctionPlan): Promise<void> {
    if (plan.passive) return;
    await this.#explaining(plan, async () => {
      for (const refusal of (await this.#refusals(plan.exchanges)).values()) throw refusal;
    });
  }

  /** Declares exchanges, and returns the broker's error for each that it refuses, by the exchange's name. */
  async #refusals(exchanges: readonly ExchangeDeclaration[]): Promise<Map<string, BrokerError>> {
    const refusals = new Map<string, BrokerError>();
    for (const exchange of exchanges) {
      const refusal = await this.#declareOnce(exchange);
      if (refusal !== undefined) refusals.set(exchange.name, refusal);
    }
    return refusals;
  }

  async close(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.close();
  }

  async #declareOnce(exchange: ExchangeDeclaration): Promise<BrokerError | undefined> {
    const key = `${exchange.name}\n${describeExchange(exchange)}`;
    if (!this.#exchanges.has(key)) {
      const refusal = await this.#declare(exchange).catch((error) => {
        if (error instanceof BrokerError) return error;
        throw error;
      });
      this.#exchanges.set(key, refusal ?? undefined);
    }
    return this.#exchanges.get(key);
  }

  async #declare(exchange: ExchangeDeclaration): Promise<void> {
    if (!isPluginType(exchange.type)) {
      return await this.#asking((channel) => channel.declareExchange(exchange));
    }
    // Checked first, because a separate connection for each exchange would be expensive.
    const isThere = await onChannel(this.#connection, (channel) => channel.hasExchange(exchange.name));
    if (!isThere) await declareApart(this.#connection, exchange);
  }

  /** Asks on the channel. The broker closes it when it refuses. */
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
