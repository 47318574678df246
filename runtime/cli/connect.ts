import { brokerUrl } from "../client/broker_url.ts";
import { inspect, type Inspection } from "../client/inspect.ts";
import { type Client, connect } from "../client/mod.ts";
import { loadConfig } from "../discover/config.ts";

/** Flags of every command that talks to a broker. */
export interface BrokerFlags {
  readonly broker?: string;
  readonly config?: string;
}

// Shorter than for programs: a person at a terminal wants to know soon that the broker is down.
const personWaits = "5s";

/** Connects to the broker that the flag, the environment or deploy.config.ts names. */
export async function connectAs(name: string, flags: BrokerFlags): Promise<Client> {
  const config = await loadConfig(flags.config);
  const { url } = brokerUrl(Deno.env.get, { flag: flags.broker, config: config.broker });
  return await connect(url, { name: `hopper ${name}`, timeout: personWaits });
}

/** Connects to read the queues of the broker that the flag, the environment or deploy.config.ts names. */
export async function inspectAs(name: string, flags: BrokerFlags): Promise<Inspection> {
  const config = await loadConfig(flags.config);
  const { url } = brokerUrl(Deno.env.get, { flag: flags.broker, config: config.broker });
  return await inspect(url, { name: `hopper ${name}` });
}

/** The flag `--broker`, with the same text in every command. */
export const brokerFlag = [
  "--broker <url>",
  "AMQP URL, visible to every user of this machine (default: AMQP_URL, RABBITMQ_URL, CLOUDAMQP_URL, deploy.config.ts)",
] as const;
/** The flag `--config`, with the same text in every command. */
export const configFlag = ["--config <file>", "config file (default: deploy.config.ts)"] as const;
