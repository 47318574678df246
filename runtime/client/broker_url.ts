import { brokerVariables } from "../core/permissions/broker_variables.ts";
import { ArgumentError } from "../core/api/errors.ts";

/** A broker's address, and where it was written (a flag, a variable, a file), to show to people. */
export interface BrokerUrl {
  readonly url: string;
  readonly source: string;
}

/** Where the embedded broker, or a newly installed RabbitMQ, listens on this machine. */
export const localBroker = "amqp://guest:guest@127.0.0.1:5672";

/**
 * Chooses the broker: the flag, else the environment, else deploy.config.ts, else the one on this machine. Throws an
 * `ArgumentError` if the chosen text is empty: its author meant some broker, and must not silently get another one.
 */
export function brokerUrl(
  env: (name: string) => string | undefined,
  said: { readonly flag?: string; readonly config?: string | readonly string[] } = {},
): BrokerUrl {
  if (said.flag !== undefined) return { url: named(said.flag, "--broker"), source: "--broker" };
  for (const name of brokerVariables) {
    const url = env(name);
    if (url !== undefined) return { url: named(url, name, `unset ${name}`), source: name };
  }
  if (said.config !== undefined) {
    const url = named([said.config].flat().join(","), "'broker' in deploy.config.ts");
    return { url, source: "deploy.config.ts" };
  }
  return { url: localBroker, source: "default" };
}

function named(url: string, by: string, otherwise = "leave it out"): string {
  if (url.trim() !== "") return url;
  throw new ArgumentError(`${by} is empty; expected a broker's URL such as ${localBroker}, or ${otherwise}`);
}
