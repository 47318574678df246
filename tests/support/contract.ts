/** `contract(name, test)`: one test that runs on every broker. */

import assert from "node:assert/strict";
import { type ContractAddress, contractBrokers } from "./contract_brokers.ts";
import { type Differences, differencesOf } from "./differences.ts";
import { ofEmbedded } from "./embedded_differences.ts";
import type { Arguments } from "./wire_methods.ts";
import {
  type ConnectOptions,
  type PublishOptions,
  Refused,
  type WireChannel,
  WireConnection,
} from "./wire_connection.ts";

const brokers = contractBrokers();
const running = new Map<string, { address: ContractAddress; expected: Differences }>();

Deno.test.beforeAll(async () => {
  for (const broker of brokers) {
    if (broker.missing) continue;
    const address = await broker.start();
    const ofVersion = differencesOf(await versionAt(address));
    const expected = broker.name === "embedded" ? ofEmbedded(ofVersion) : ofVersion;
    running.set(broker.name, { address, expected });
  }
});

Deno.test.afterAll(async () => {
  for (const broker of brokers) if (!broker.missing) await broker.stop();
});

/**
 * Registers a test for each broker. `ignore` is for a test that needs something which is not installed.
 *
 * ```ts
 * contract("A queue is declared", async (broker) => {
 *   const channel = await broker.channel();
 *   const queue = broker.unique("orders");
 *   const reply = await channel.call("queue.declare", { queue });
 *   assert.deepEqual(reply, { queue, messageCount: 0, consumerCount: 0 });
 * });
 * ```
 */
export function contract(
  name: string,
  test: (broker: Session) => Promise<void>,
  { ignore = false } = {},
): void {
  for (const broker of brokers) {
    Deno.test({
      name: `${broker.name}: ${name}`,
      ignore: ignore || broker.missing === true,
      fn: async () => {
        const { address, expected } = running.get(broker.name)!;
        await using session = new Session(broker.name, address, expected);
        const otherwise = expected.otherwise[name];
        if (otherwise === undefined) await test(session);
        else {await assert.rejects(
            test(session),
            `It passes here too: take it from the table ('${otherwise}')`,
          );}
      },
    });
  }
}

/** The version of RabbitMQ that a broker reports. */
async function versionAt(address: ContractAddress): Promise<string> {
  await using connection = await WireConnection.open(address);
  return connection.serverProperties.version as string;
}

/** What a test opens and names on one broker. It closes and deletes all of that. */
export class Session implements AsyncDisposable {
  #connections: WireConnection[] = [];
  #names: string[] = [];
  #shared?: Promise<WireConnection>;

  constructor(
    readonly name: "rabbitmq" | "embedded",
    readonly address: ContractAddress,
    /** What to expect of this version of the broker. */
    readonly expected: Differences,
  ) {}

  /** A unique name. A queue or exchange with this name is deleted after the test. */
  unique(prefix: string): string {
    const name = `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
    this.#names.push(name);
    return name;
  }

  async connect(options?: ConnectOptions): Promise<WireConnection> {
    const connection = await WireConnection.open(this.address, options);
    this.#connections.push(connection);
    return connection;
  }

  /** A new channel, on a connection that the test's channels share. */
  async channel(): Promise<WireChannel> {
    this.#shared ??= this.connect();
    return await (await this.#shared).channel();
  }

  /** Declares a queue with a unique name. */
  async queue(channel: WireChannel, options: Arguments = {}): Promise<string> {
    const queue = this.unique("queue");
    await channel.call("queue.declare", { queue, ...options });
    return queue;
  }

  /** Declares an exchange with a unique name. */
  async exchange(channel: WireChannel, type: string, options: Arguments = {}): Promise<string> {
    const exchange = this.unique(type);
    await channel.call("exchange.declare", { exchange, type, ...options });
    return exchange;
  }

  /** Publishes to the queue, and waits until all messages are in it. */
  async fill(queue: string, bodies: readonly string[], options?: PublishOptions): Promise<void> {
    const channel = await this.channel();
    await channel.call("confirm.select");
    for (const body of bodies) await channel.publish("", queue, body, options);
    for (let confirmed = 0; confirmed < bodies.length;) {
      const { deliveryTag } = (await channel.next("basic.ack")).args;
      confirmed = deliveryTag as number;
    }
    await channel.call("channel.close", { code: 200 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) await connection.close();
    if (this.#names.length === 0) return;
    await using sweeper = await WireConnection.open(this.address);
    let channel = await sweeper.channel();
    for (const name of this.#names) {
      try {
        await channel.call("queue.delete", { queue: name });
      } catch (error) {
        // RabbitMQ 4.3 takes an exclusive queue away a moment after its connection is closed.
        if (!(error instanceof Refused && error.code === 405)) throw error;
        channel = await sweeper.channel();
      }
      await channel.call("exchange.delete", { exchange: name });
    }
  }
}

/**
 * Checks that the attempt ends in a close with this code and text. A code of 500 and above closes the connection, and
 * a lower one the channel. The blamed method is the last one sent, unless `by` says otherwise.
 */
export async function refused(
  attempt: Promise<unknown>,
  code: number,
  text: string,
  expected: { by?: string; scope?: "channel" | "connection" } = {},
): Promise<void> {
  const result = await attempt.catch((error: unknown) => error);
  if (!(result instanceof Refused)) {
    if (result instanceof Error) throw result;
    assert.fail(`Expected ${code} ${text}, it succeeded with ${JSON.stringify(result)}`);
  }
  const { scope, by, sent } = result;
  assert.deepEqual(
    { code: result.code, text: result.text, scope, by },
    {
      code,
      text,
      scope: expected.scope ?? (code >= 500 ? "connection" : "channel"),
      by: expected.by ?? sent,
    },
  );
}

/**
 * The queue's counts. When this returns, everything that the queue had sent to this channel before has arrived. But
 * RabbitMQ may answer before it has handled an earlier publish or ack: `fill` waits for those.
 */
export async function counts(
  channel: WireChannel,
  queue: string,
): Promise<{ messages: number; consumers: number }> {
  const { messageCount, consumerCount } = await channel.call("queue.declare", { queue, passive: true });
  return { messages: messageCount as number, consumers: consumerCount as number };
}

/** Checks that the test has looked at everything that arrived on the channel. */
export async function quiet(channel: WireChannel, queue: string): Promise<void> {
  await counts(channel, queue);
  assert.deepEqual(channel.inbox.items.map((item) => [item.name, item.args]), []);
}

/** Takes all messages from the queue, and returns their bodies. */
export async function drain(channel: WireChannel, queue: string): Promise<string[]> {
  const bodies: string[] = [];
  for (let next; (next = await channel.get(queue, { noAck: true }));) bodies.push(next.body);
  return bodies;
}
