/** The broker of a test: one RabbitMQ node for the whole run, and a new virtual host for each test. */

import amqp from "amqplib";
import { startBroker } from "../../runtime/broker/mod.ts";
import { rabbitmqInstalled, startRabbitmq } from "./rabbitmq_node.ts";
import { chosenRelease } from "./rabbitmq_release.ts";

export { rabbitmqInstalled, type RabbitmqOptions, type RabbitNode, startRabbitmq } from "./rabbitmq_node.ts";

/** The addresses of a broker: AMQP without a path, and RabbitMQ's management API. */
export interface BrokerAddress {
  url: string;
  http?: string;
  /** Each test gets its own embedded broker, and there is no node. */
  embedded?: true;
}

/**
 * Whether the tests run on the embedded broker (`HOPPER_TEST_BROKER=embedded`). Tests that need RabbitMQ itself are
 * left out then, because they have run on RabbitMQ.
 */
export const onEmbedded: boolean = Deno.env.get("HOPPER_TEST_BROKER") === "embedded";

/** The plugins of a node that tests share by virtual hosts. */
export const MANAGEMENT = ["rabbitmq_management"];

/** A virtual host that exists for one test. */
export interface Vhost extends AsyncDisposable {
  name: string;
  /** `amqp://guest:guest@127.0.0.1:PORT/NAME` */
  url: string;
  /**
   * What the management API says about something in this virtual host, such as `"queues"`, `"queues/fib"`,
   * `"exchanges/logs"` or `"queues/fib/bindings"`; `undefined` if it does not exist. Counts of messages lag by
   * seconds there: ask with a passive declare.
   */
  // deno-lint-ignore no-explicit-any -- the shape is the management API's, documented there
  inspect(kind: string, name?: string, rest?: string): Promise<any>;
  /** Closes the connections with this name, as an operator would. */
  disconnect(connectionName: string): Promise<void>;
  /** Deletes the virtual host with everything in it. The broker closes its connections. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The node that `deno task test` started for the whole run, or one for this test file; `undefined`, with a notice, if
 * RabbitMQ is not installed. Call it at the top of a test file:
 *
 * ```ts ignore
 * const rabbitmq = await rabbitmqForTests();
 *
 * Deno.test("A queue's messages are handled", { ignore: !rabbitmq }, async () => {
 *   await using vhost = await withVhost(rabbitmq!);
 *   await connect({ url: vhost.url });
 * });
 * ```
 *
 * @throws Error when RabbitMQ is not installed and `HOPPER_REQUIRE_RABBITMQ` is `1`
 */
export async function rabbitmqForTests(): Promise<BrokerAddress | undefined> {
  if (onEmbedded) return await embeddedForFile();
  const url = Deno.env.get("HOPPER_TEST_AMQP_URL");
  const http = Deno.env.get("HOPPER_TEST_RABBITMQ_HTTP");
  if (url && http) return { url, http };
  if (!rabbitmqInstalled()) return leaveOutRabbitmq();
  const node = await startRabbitmq({ plugins: MANAGEMENT });
  Deno.test.afterAll(() => node[Symbol.asyncDispose]());
  return node;
}

/**
 * Prints that tests are left out because something is not installed.
 *
 * @throws Error when `HOPPER_REQUIRE_RABBITMQ` is `1`: then nothing may be left out
 */
export function leaveOut(what: string, debianPackage: string): undefined {
  leaveOutTests(what, `Debian: apt-get install ${debianPackage}`);
}

/** Does the same for a RabbitMQ, by default for the one that the tests should run on. */
export function leaveOutRabbitmq({ title, remedy } = chosenRelease): undefined {
  leaveOutTests(title, remedy);
}

function leaveOutTests(what: string, remedy: string): void {
  const notice = `${what} is not installed (${remedy})`;
  if (Deno.env.get("HOPPER_REQUIRE_RABBITMQ") === "1") {
    throw new Error(`${notice}, and HOPPER_REQUIRE_RABBITMQ=1 demands it`);
  }
  console.error(`\n*** ${notice}: the tests that need it are LEFT OUT (shown as ignored)\n`);
}

interface ConnectionInfo {
  name: string;
  client_properties?: { connection_name?: string };
}

/** Creates a virtual host for one test, in about 15 ms. Deleting it takes 25 ms. */
export async function withVhost(broker: BrokerAddress): Promise<Vhost> {
  if (broker.embedded) return await embeddedVhost();
  if (!broker.http) {
    throw new Error(`${broker.url} has no management API; start it with { plugins: MANAGEMENT }`);
  }
  const name = `test-${crypto.randomUUID().slice(0, 8)}`;
  const manage = (method: string, path: string) =>
    fetch(`${broker.http}/api/${path}`, {
      method,
      headers: { authorization: `Basic ${btoa("guest:guest")}` },
    });
  await expectOk(await manage("PUT", `vhosts/${name}`));
  return {
    name,
    url: `${broker.url}/${name}`,
    async inspect(kind, item, rest) {
      const path = [
        kind,
        name,
        ...item === undefined ? [] : [encodeURIComponent(item)],
        ...rest ? [rest] : [],
      ];
      const response = await manage("GET", path.join("/"));
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      return JSON.parse(await expectOk(response));
    },
    async disconnect(connectionName) {
      // The management API shows a connection a moment after it was opened.
      const named = async () => {
        const all = JSON.parse(await expectOk(await manage("GET", `vhosts/${name}/connections`)));
        return all.filter((one: ConnectionInfo) => one.client_properties?.connection_name === connectionName);
      };
      let found: ConnectionInfo[] = [];
      while (found.length === 0) found = await named();
      for (const connection of found) {
        await expectOk(await manage("DELETE", `connections/${encodeURIComponent(connection.name)}`));
      }
    },
    async [Symbol.asyncDispose]() {
      await expectOk(await manage("DELETE", `vhosts/${name}`));
    },
  };
}

/** The names of the queues in a virtual host of RabbitMQ, in order. */
export async function queueNames(vhost: Vhost): Promise<string[]> {
  return (await vhost.inspect("queues")).map(({ name }: { name: string }) => name).sort();
}

async function expectOk(response: Response): Promise<string> {
  const body = await response.text();
  if (!response.ok) throw new Error(`RabbitMQ answered ${response.status} to ${response.url}: ${body}`);
  return body;
}

async function embeddedForFile(): Promise<BrokerAddress> {
  const broker = await startBroker({ port: 0, memory: true });
  Deno.test.afterAll(() => broker.close());
  return { url: broker.url, embedded: true };
}

/** An embedded broker instead of a virtual host. It can tell whether a queue exists and is durable. */
async function embeddedVhost(): Promise<Vhost> {
  const broker = await startBroker({ port: 0, memory: true });
  return {
    name: "/",
    url: broker.url,
    inspect: async (kind, name, rest) => {
      if (kind !== "queues" || name === undefined || rest !== undefined) {
        throw new Error(`The embedded broker cannot be asked for ${[kind, name, rest].join("/")}`);
      }
      return await inspectQueue(broker.url, name);
    },
    disconnect: () => {
      throw new Error("The embedded broker cannot be told to close a client's connection");
    },
    [Symbol.asyncDispose]: () => broker.close(),
  };
}

// AMQP tells whether a queue exists, and a different declare names the argument that differs.
async function inspectQueue(url: string, name: string): Promise<{ durable: boolean } | undefined> {
  if (await refusalOf(url, (channel) => channel.checkQueue(name)) !== undefined) return undefined;
  const refusal = await refusalOf(url, (channel) => channel.assertQueue(name, { durable: true }));
  return { durable: !refusal?.includes("inequivalent arg 'durable'") };
}

async function refusalOf(
  url: string,
  ask: (channel: amqp.Channel) => Promise<unknown>,
): Promise<string | undefined> {
  const connection = await amqp.connect(url, { noDelay: true });
  try {
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    await ask(channel);
  } catch (error) {
    return (error as Error).message;
  } finally {
    await connection.close();
  }
}
