/**
 * For tests of your own functions: a broker of the test's own, and the functions running on it.
 *
 * @example
 * ```ts ignore
 * import { startTest } from "hopper/testing";
 * import assert from "node:assert/strict";
 *
 * Deno.test("An order is charged", async () => {
 *   await using hopper = await startTest({ functions: "functions" });
 *   await hopper.send("orders", { id: 7 });
 *   await hopper.handled("orders");
 *   assert.equal(await hopper.call("balance.of", "customer 1"), 12);
 * });
 * ```
 * @module
 */
import { resolve } from "node:path";
import { startApp } from "./app.ts";
import { startBroker } from "./broker/mod.ts";
import type { Like } from "./broker/profile.ts";
import { type Client, connect } from "./client/mod.ts";
import type { Caller } from "./core/api/context.ts";
import { createEvents } from "./core/ports/events.ts";
import type { Config } from "./core/api/options.ts";
import { type EventWatch, watchEvents } from "./testing/watch.ts";

export type { Caller, Config, Like };
export type { Override, PermissionOptions, RetryOptions, Settings } from "./core/api/options.ts";
export type { CallOptions, SendOptions } from "./core/api/context.ts";
export type { Duration } from "./core/api/duration.ts";

/** A broker of a test's own: in memory, on a free port of this machine, speaking AMQP 0-9-1. */
export interface TestBroker {
  /** Any AMQP client can connect here. */
  readonly url: string;
  /** Ends it, with everything in it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a broker of a test's own is started. */
export interface TestBrokerOptions {
  /** The series of RabbitMQ that it behaves as. @default "3.10" */
  readonly like?: Like;
}

/** Starts a broker in memory on a free port; `await using` ends it with the test. */
export async function startTestBroker({ like }: TestBrokerOptions = {}): Promise<TestBroker> {
  const broker = await startBroker({ port: 0, memory: true, like });
  return { url: broker.url, [Symbol.asyncDispose]: () => broker.close() };
}

/** What a test runs. */
export interface TestOptions extends TestBrokerOptions {
  /** Folder of function files. */
  readonly functions: string;
  /** What deploy.config.ts would say. */
  readonly config?: Config;
  /** Milliseconds that `handled` and `failed` wait at most. @default 5000 */
  readonly patience?: number;
}

/** Functions on a broker of their own, and a client to try them with. */
export interface TestRuntime extends Caller {
  /** The broker's address. */
  readonly url: string;
  /** What is wrong with files of the folder, one line each. */
  readonly problems: readonly string[];
  /** Waits until a function has handled so many messages since the test began. */
  handled(name: string, count?: number): Promise<void>;
  /** Waits until so many runs of a function have failed since the test began; gives what the last one threw. */
  failed(name: string, count?: number): Promise<string>;
  /**
   * Waits until a function has published so many messages that no queue took, where that is no error; gives where the
   * last one went.
   */
  unrouted(name: string, count?: number): Promise<{ readonly exchange: string; readonly routingKey: string }>;
  /** Ends functions and broker. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Runs a folder of functions on a broker in memory, and resolves when each is attached. */
export async function startTest(options: TestOptions): Promise<TestRuntime> {
  const broker = await startTestBroker(options);
  const events = createEvents();
  const watch: EventWatch = watchEvents(events, options.patience ?? 5000);
  const { functions, config } = options;
  const data = await Deno.makeTempDir({ prefix: "hopper-test-" });
  const app = await startApp({ functions: resolve(functions), broker: broker.url, config, events, data });
  await app.ready;
  const client: Client = await connect(broker.url, { name: "hopper test" });
  return {
    url: broker.url,
    problems: watch.problems(),
    send: client.send,
    publish: client.publish,
    call: client.call,
    handled: async (name, count = 1) => void await watch.nth("handled", name, count),
    failed: async (name, count = 1) => (await watch.nth("failed", name, count)).error,
    unrouted: async (name, count = 1) => {
      const { exchange, routingKey } = await watch.nth("unrouted", name, count);
      return { exchange, routingKey };
    },
    async [Symbol.asyncDispose]() {
      watch.close();
      await client.close();
      await app.stop();
      await broker[Symbol.asyncDispose]();
      await Deno.remove(data, { recursive: true });
    },
  };
}
