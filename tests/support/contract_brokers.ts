/**
 * The brokers of the contract suite: a real RabbitMQ, and the embedded broker, which behaves like that RabbitMQ if it
 * can.
 *
 * HOPPER_CONTRACT=rabbitmq|embedded|both selects; both is the default.
 */

import { type Like, likes } from "../../runtime/broker/mod.ts";
import { type EmbeddedBroker, startEmbedded } from "./contract_embedded.ts";
import { leaveOutRabbitmq, rabbitmqInstalled, type RabbitNode, startRabbitmq } from "./rabbitmq.ts";
import { chosenRelease } from "./rabbitmq_release.ts";

/** Where a broker under test listens. */
export type ContractAddress = { readonly url: string; readonly host: string; readonly port: number };
export type ContractBroker = {
  readonly name: "rabbitmq" | "embedded";
  /** Not installed here, so its tests are shown as ignored. */
  readonly missing?: boolean;
  start(): Promise<ContractAddress>;
  stop(): Promise<void>;
};

export function contractBrokers(): ContractBroker[] {
  const selected = Deno.env.get("HOPPER_CONTRACT") ?? "both";
  if (!["rabbitmq", "embedded", "both"].includes(selected)) {
    throw new Error(`HOPPER_CONTRACT is '${selected}', expected 'rabbitmq', 'embedded' or 'both'`);
  }
  const like = likes.find((like) => like === (chosenRelease.from?.series ?? "3.10"));
  return [
    ...selected === "embedded" ? [] : [rabbitmq()],
    ...selected === "rabbitmq" || like === undefined ? [] : [embedded(like)],
  ];
}

export function address(url: string): ContractAddress {
  const { hostname, port } = new URL(url);
  return { url, host: hostname, port: Number(port || 5672) };
}

/** The node of the whole run, or one for this test file. */
function rabbitmq(): ContractBroker {
  const url = Deno.env.get("HOPPER_TEST_AMQP_URL");
  let node: RabbitNode | undefined;
  const available = url !== undefined || rabbitmqInstalled();
  if (!available) leaveOutRabbitmq();
  return {
    name: "rabbitmq",
    missing: !available,
    start: async () => {
      node = url ? undefined : await startRabbitmq();
      return address(url ?? node!.url);
    },
    stop: async () => await node?.[Symbol.asyncDispose](),
  };
}

function embedded(like: Like): ContractBroker {
  let broker: EmbeddedBroker | undefined;
  return {
    name: "embedded",
    start: async () => broker = await startEmbedded({ like }),
    stop: () => Promise.resolve(broker?.stop()),
  };
}
