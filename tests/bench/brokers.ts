/** The brokers of a run, each in processes of its own. */

import amqp from "amqplib";
import { startEmbeddedNode } from "../support/embedded_node.ts";
import { rabbitmqInstalled, startRabbitmq } from "../support/rabbitmq_node.ts";
import type { Broker } from "./cases.ts";
import { descendants, processes } from "./cpu.ts";
import type { BrokerUnderTest } from "./measure.ts";

/** The brokers that can be started here; says so if RabbitMQ cannot. */
export function brokersHere(): Broker[] {
  if (rabbitmqInstalled()) return ["RabbitMQ", "embedded"];
  console.error("RabbitMQ is not installed: only the embedded broker is measured");
  return ["embedded"];
}

/** Starts a broker, with the ids of its processes. */
export async function startBroker(kind: Broker): Promise<BrokerUnderTest & AsyncDisposable> {
  const before = new Set(ownProcesses());
  const node = kind === "RabbitMQ" ? await startRabbitmq() : await startEmbeddedNode();
  const pids = ownProcesses().filter((pid) => !before.has(pid));
  return {
    kind,
    url: node.url,
    pids,
    version: await versionOf(node.url),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

/** What a broker says that it is, such as `3.10.8`. */
async function versionOf(url: string): Promise<string> {
  const connection = await amqp.connect(url, { noDelay: true });
  await connection.close();
  return connection.connection.serverProperties.version;
}

function ownProcesses(): number[] {
  return descendants(processes() ?? [], [Deno.pid]).map(({ pid }) => pid);
}
