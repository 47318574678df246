/** The brokers that promises are tried on, and what tests do to them: the same, each in its own way. */

import { type Broker, connectBroker } from "./amqp.ts";
import type { BrokerNode } from "./broker_node.ts";
import { type EmbeddedNode, type Login, startEmbeddedNode } from "./embedded_node.ts";
import { type RabbitmqOptions, type RabbitNode, startRabbitmq } from "./rabbitmq_node.ts";

export type BrokerKind = "rabbitmq" | "embedded";

/** A broker that belongs to one test. */
export interface FaultBroker extends BrokerNode {
  readonly kind: BrokerKind;
  /** Closes all connections from the broker's side: by a command where there is one, else as it does when it ends. */
  closeConnections(): Promise<unknown>;
  /** Sets off the memory alarm, or ends it. */
  alarm(on: boolean): Promise<void>;
  /** From now on this user gets in with this password, and with no other. */
  admit(login: Login): Promise<void>;
}

/** How {@linkcode startFaultBroker} starts a broker; everything has a default. */
export interface FaultBrokerOptions {
  rabbitmq?: RabbitmqOptions;
  embedded?: { memory?: number };
}

/** Starts a broker in a process of its own. */
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

/** So many messages that the embedded broker has no memory left. It has no command to say so instead. */
class Hoard {
  readonly #filling: Broker;

  private constructor(filling: Broker) {
    this.#filling = filling;
  }

  static async fill(url: string): Promise<Hoard> {
    const filling = await connectBroker(url);
    // Of a test that fails before it has cleared.
    filling.connection.on("error", () => {});
    const blocked = new Promise<void>((resolve) => filling.connection.once("blocked", () => resolve()));
    let full = false;
    blocked.then(() => full = true);
    await filling.channel.assertQueue("hoard", { durable: false });
    const megabyte = new Uint8Array(2 ** 20);
    // One that is held back is confirmed when the alarm is over.
    while (!full) await Promise.race([filling.send("hoard", megabyte), blocked]);
    return new Hoard(filling);
  }

  /** Whoever publishes is not read any more: another connection makes room. */
  async clear(): Promise<void> {
    await using clearing = await connectBroker(this.#filling.url);
    await clearing.channel.deleteQueue("hoard");
    await this.#filling[Symbol.asyncDispose]();
  }
}
