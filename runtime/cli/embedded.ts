import {
  type Broker,
  type BrokerOptions,
  DataInUse,
  DiskTrouble,
  memoryShare,
  PortTaken,
  startBroker,
} from "../broker/mod.ts";
import type { BrokerUrl } from "../client/broker_url.ts";
import { ArgumentError, describeError, HopperError } from "../core/api/errors.ts";

/** The broker that functions are run on: another program's, or the one inside this process. */
export interface ChosenBroker {
  readonly url: string;
  /** Where it was said, for people. */
  readonly source: string;
  /** What keeps clients from connecting to it, where it is inside this process. */
  missing(): readonly string[];
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

/** Where the embedded broker keeps durable queues and persistent messages. */
export const dataFolder = ".hopper";

/** What the embedded broker of a runtime is started with. */
export interface EmbeddedOptions {
  readonly port: number;
  /** Bytes that messages may take. Default: a share of the memory there is. */
  readonly memory?: number;
  readonly report: (error: unknown) => void;
}

// The runtime and the processes of its functions need the rest.
const memoryOfRuntime = 0.25;

/** Takes the broker that was named; where none was, starts the embedded one. */
export async function chooseBroker(
  named: BrokerUrl,
  { port, memory = memoryShare(memoryOfRuntime), report }: EmbeddedOptions,
): Promise<ChosenBroker> {
  if (named.source !== "default") {
    return {
      url: named.url,
      source: `from ${named.source}`,
      missing: () => [],
      isEmbedded: false,
      close: () => Promise.resolve(),
    };
  }
  const broker = await startEmbedded({ port, data: dataFolder, limits: { memory }, report });
  const source = `embedded, ${dataFolder}/ (set AMQP_URL to use RabbitMQ)`;
  const missing = () => broker.trouble === undefined ? [] : [`embedded broker: ${broker.trouble}`];
  return { url: broker.url, source, isEmbedded: true, missing, close: () => broker.close() };
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
    if (error instanceof DataInUse) {
      throw new HopperError(
        error.code,
        `The folder '${options.data}' is in use by the embedded broker of another runtime. To use that one: ` +
          `AMQP_URL=amqp://guest:guest@127.0.0.1:PORT, with the port that it said when it started; ` +
          `to start another broker: ${portFlag} PORT, in another folder`,
        { cause: error },
      );
    }
    if (!(error instanceof PortTaken)) throw error;
    const { port = 5672 } = options;
    throw new HopperError(
      error.code,
      `Port ${port} is taken by another program, perhaps a RabbitMQ or another runtime. To use what listens ` +
        `there: AMQP_URL=amqp://guest:guest@127.0.0.1:${port}; ` +
        `to start another broker: ${portFlag} ${port + 1}, in another folder`,
      { cause: error },
    );
  }
}
