/** The brokers of the fault suite, with the same operations for each. */

import { type Broker, connectBroker } from "./amqp.ts";
import type { BrokerNode } from "./broker_node.ts";
import { type EmbeddedNode, type Login, startEmbeddedNode } from "./embedded_node.ts";
import { type RabbitmqOptions, type RabbitNode, startRabbitmq } from "./rabbitmq_node.ts";

export type BrokerKind = "rabbitmq" | "embedded";

/** A broker that belongs to one test. */
export interface FaultBroker extends BrokerNode {
  readonly kind: BrokerKind;
  /** Closes all connections from the broker's side, by a command or by a restart. */
  closeConnections(): Promise<unknown>;
  /** Turns the memory alarm on or off. */
  alarm(on: boolean): Promise<void>;
  /** From now on only this user with this password can connect. */
  admit(login: Login): Promise<void>;
}

/** How {@linkcode startFaultBroker} starts a broker. Everything has a default. */
export interface FaultBrokerOptions {
  rabbitmq?: RabbitmqOptions;
  embedded?: { memory?: number };
}

/** Starts a broker in its own process. */
export async function startFaultBroker(
  kind: BrokerKind,
  { rabbitmq, embedded }: FaultBrokerOptions = {},
): Promise<FaultBroker> {
  return kind === "rabbitmq"
    ? rabbitmqBroker(await startRabbitmq(rabbitmq))
    : embeddedBroker(await startEmbeddedNode(embedded));
}

function rabbitmqBroker(node: RabbitNode): FaultBroker {
  return Object.assign(node, {
    kind: "rabbitmq" as const,
    closeConnections: () => node.ctl("close_all_connections", "a test of faults"),
    alarm: async (on: boolean) => {
      await node.ctl("set_vm_memory_high_watermark", on ? "0.000001" : "0.6");
    },
    admit: async ({ user, password }: Login) => {
      const users = await node.ctl("list_users");
      const known = users.split("\n").some((line) => line.startsWith(`${user}\t`));
      await node.ctl(known ? "change_password" : "add_user", user, password);
      await node.ctl("set_permissions", user, ".*", ".*", ".*");
    },
  });
}

function embeddedBroker(node: EmbeddedNode): FaultBroker {
  let hoard: Hoard | undefined;
  return Object.assign(node, {
    kind: "embedded" as const,
    closeConnections: () => node.restart(),
    alarm: async (on: boolean) => {
      if (on) hoard = await Hoard.fill(node.url);
      else await hoard?.clear();
    },
    admit: (login: Login) => node.restart(login),
  });
}

/** Enough messages to fill the embedded broker's memory, because it has no command for an alarm. */
class Hoard {
  readonly #filling: Broker;

  private constructor(filling: Broker) {
    this.#filling = filling;
  }

  static async fill(url: string): Promise<Hoard> {
    const filling = await connectBroker(url);
    // A test may fail before it clears the alarm.
    filling.connection.on("error", () => {});
    const blocked = new Promise<void>((resolve) => filling.connection.once("blocked", () => resolve()));
    let full = false;
    blocked.then(() => full = true);
    await filling.channel.assertQueue("hoard", { durable: false });
    const megabyte = new Uint8Array(2 ** 20);
    // A message that is held back is confirmed after the alarm.
    while (!full) await Promise.race([filling.send("hoard", megabyte), blocked]);
    return new Hoard(filling);
  }

  /** Uses another connection, because a blocked publisher is no longer read. */
  async clear(): Promise<void> {
    await using clearing = await connectBroker(this.#filling.url);
    await clearing.channel.deleteQueue("hoard");
    await this.#filling[Symbol.asyncDispose]();
  }
}
