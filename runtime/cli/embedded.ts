import { type Broker, type BrokerOptions, DataInUse, PortTaken, startBroker } from "../broker/mod.ts";
import type { BrokerUrl } from "../client/broker_url.ts";
import { ArgumentError, HopperError } from "../core/errors.ts";

/** The broker that functions are run on: another program's, or the one inside this process. */
export interface ChosenBroker {
  readonly url: string;
  /** Where it was said, for people. */
  readonly source: string;
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

/** Where the embedded broker keeps durable queues and persistent messages. */
export const dataFolder = ".hopper";

/** Takes the broker that was named; where none was, starts the embedded one on `port`. */
export async function chooseBroker(named: BrokerUrl, port: number): Promise<ChosenBroker> {
  if (named.source !== "default") {
    return {
      url: named.url,
      source: `from ${named.source}`,
      isEmbedded: false,
      close: () => Promise.resolve(),
    };
  }
  const broker = await startEmbedded({ port, data: dataFolder });
  const source = `embedded, ${dataFolder}/ (set AMQP_URL to use RabbitMQ)`;
  return { url: broker.url, source, isEmbedded: true, close: () => broker.close() };
}

/** Starts the embedded broker. A port or folder that is taken is explained with what can be done. */
export async function startEmbedded(options: BrokerOptions, portFlag = "--embedded-port"): Promise<Broker> {
  try {
    return await startBroker(options);
  } catch (error) {
    if (error instanceof TypeError) throw new ArgumentError(error.message);
    const code = error instanceof PortTaken || error instanceof DataInUse ? error.code : undefined;
    if (code === undefined) throw error;
    const { port = 5672 } = options;
    const taken = error instanceof DataInUse
      ? `The folder '${options.data}' is in use by another runtime's embedded broker`
      : `Port ${port} is taken by another program, perhaps a RabbitMQ or another runtime`;
    throw new HopperError(
      code,
      `${taken}. To use what listens there: AMQP_URL=amqp://guest:guest@127.0.0.1:${port}; ` +
        `to start another broker: ${portFlag} ${port + 1}, in another folder`,
      { cause: error },
    );
  }
}
