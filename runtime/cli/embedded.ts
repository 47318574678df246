import {
  type Broker,
  type BrokerOptions,
  DataInUse,
  DiskTrouble,
  PortTaken,
  startBroker,
} from "../broker/mod.ts";
import type { BrokerUrl } from "../client/broker_url.ts";
import { ArgumentError, describeError, HopperError } from "../core/errors.ts";

/** The broker that functions are run on: another program's, or the one inside this process. */
export interface ChosenBroker {
  readonly url: string;
  /** Where it was said, for people. */
  readonly source: string;
  close(): Promise<void>;
}

/** Where the embedded broker keeps durable queues and persistent messages. */
export const dataFolder = ".hopper";

/** Takes the broker that was named; where none was, starts the embedded one on `port`. */
export async function chooseBroker(
  named: BrokerUrl,
  port: number,
  report: BrokerOptions["report"],
): Promise<ChosenBroker> {
  if (named.source !== "default") {
    return { url: named.url, source: `from ${named.source}`, close: () => Promise.resolve() };
  }
  const broker = await startEmbedded({ port, data: dataFolder, report });
  const source = `embedded, ${dataFolder}/ (set AMQP_URL to use RabbitMQ)`;
  return { url: broker.url, source, close: () => broker.close() };
}

/** What the embedded broker reports, for the log. */
export function brokerTrouble(error: unknown): string {
  if (error instanceof DiskTrouble) return error.message;
  return `The embedded broker failed: ${error instanceof Error ? error.stack : describeError(error)}`;
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
