import {
  type Broker,
  type BrokerOptions,
  DataInUse,
  DiskTrouble,
  memoryShare,
  PortTaken,
  startBroker,
} from "../broker/mod.ts";
import { freeAddress } from "../core/address.ts";
import type { BrokerUrl } from "../client/broker_url.ts";
import { ArgumentError, describeError, HopperError } from "../core/api/errors.ts";

/** The broker that the functions use: another program, or the embedded one in this process. */
export interface ChosenBroker {
  readonly url: string;
  /** Where it was named, to show to people. */
  readonly source: string;
  /** Why clients cannot connect to the embedded broker; empty if they can. */
  missing(): readonly string[];
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

/** Where the embedded broker keeps durable queues and persistent messages. */
export const dataFolder = ".hopper";

/** How a runtime starts its embedded broker. */
export interface EmbeddedOptions {
  readonly port: number;
  /** How many bytes messages may take. @default a share of the machine's memory */
  readonly memory?: number;
  readonly report: (error: unknown) => void;
}

// The runtime and the processes of its functions need the rest.
const memoryOfRuntime = 0.25;

/** Uses the broker that was named, or else starts the embedded one. */
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

/** A problem of the embedded broker, as text for the log. */
export function brokerTrouble(error: unknown): string {
  if (error instanceof DiskTrouble) return error.message;
  return `The embedded broker failed: ${error instanceof Error ? error.stack : describeError(error)}`;
}

/** Starts the embedded broker. If its port or folder is in use, the error says what to do. */
export async function startEmbedded(options: BrokerOptions, portFlag = "--embedded-port"): Promise<Broker> {
  try {
    return await startBroker(options);
  } catch (error) {
    if (error instanceof TypeError) throw new ArgumentError(error.message);
    if (error instanceof DataInUse) {
      throw new HopperError(
        error.code,
        `The folder '${options.data}' is in use by the embedded broker of another runtime. To use that one: ` +
          `AMQP_URL=amqp://guest:guest@127.0.0.1:PORT, with the port that it printed when it started; ` +
          `to start another broker: ${portFlag} PORT, in another folder`,
        { cause: error },
      );
    }
    if (!(error instanceof PortTaken)) throw error;
    const { port = 5672 } = options;
    throw new HopperError(
      error.code,
      `Port ${port} is in use by another program, perhaps a RabbitMQ or the runtime of another project. ` +
        `To use that broker: AMQP_URL=amqp://guest:guest@127.0.0.1:${port}; ` +
        `to start another one beside it: ${portFlag} ${freePortAfter(port)}`,
      { cause: error },
    );
  }
}

// Nobody runs more brokers than this on one machine.
const maxPorts = 50;

/** The first port after this one that nobody listens on; 0, with which the system chooses one, where none is near. */
function freePortAfter(taken: number): number {
  for (let port = taken + 1; port <= Math.min(taken + maxPorts, 65_535); port++) {
    if (freeAddress({ hostname: "127.0.0.1", port })) return port;
  }
  return 0;
}
