/** Tests that need a broker. Each has its own virtual host and a connection to it. */

import { type Broker, connectBroker } from "./amqp.ts";
import { type BrokerAddress, onEmbedded, rabbitmqForTests, type Vhost, withVhost } from "./rabbitmq.ts";

/** What a test on a broker gets. */
export interface OnBroker {
  readonly vhost: Vhost;
  /** A program's connection to the virtual host. */
  readonly broker: Broker;
  /** For steps. */
  readonly t: Deno.TestContext;
}

/** The broker that the tests run on; `undefined` if it is not installed. */
export const rabbitmq: BrokerAddress | undefined = await rabbitmqForTests();

/**
 * A test on the broker that the tests run on. It is left out if that is not installed.
 *
 * ```ts ignore
 * testOnBroker("A queue's messages are handled", async ({ broker }) => {
 *   await using app = await runApp({ functions: { f: `export default queue("q", () => {});` }, broker });
 *   await broker.send("q", "a");
 *   await app.event("handled");
 * });
 * ```
 */
export function testOnBroker(name: string, run: (on: OnBroker) => Promise<void>): void {
  register(name, run, rabbitmq === undefined);
}

/** A test of something that only RabbitMQ can do or tell, such as a list of all queues. */
export function testOnRabbitmq(name: string, run: (on: OnBroker) => Promise<void>): void {
  register(name, run, rabbitmq === undefined || onEmbedded);
}

function register(name: string, run: (on: OnBroker) => Promise<void>, ignore: boolean): void {
  Deno.test(name, { ignore }, async (t) => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await run({ vhost, broker, t });
  });
}
