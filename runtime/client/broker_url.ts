import { brokerVariables } from "../core/broker_variables.ts";

/** Where a broker's address came from, for people. */
export interface BrokerUrl {
  readonly url: string;
  readonly source: string;
}

/** Where the embedded broker, or a RabbitMQ as it is installed, listens on this machine. */
export const localBroker = "amqp://guest:guest@127.0.0.1:5672";

/** Which broker is meant: the flag, the environment, deploy.config.ts, else the one on this machine. */
export function brokerUrl(
  env: (name: string) => string | undefined,
  said: { readonly flag?: string; readonly config?: string | readonly string[] } = {},
): BrokerUrl {
  if (said.flag) return { url: said.flag, source: "--broker" };
  for (const name of brokerVariables) {
    const url = env(name);
    if (url) return { url, source: name };
  }
  if (said.config) return { url: [said.config].flat().join(","), source: "deploy.config.ts" };
  return { url: localBroker, source: "default" };
}
