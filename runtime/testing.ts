/**
 * For tests of your own functions: starts a broker in memory, and runs the functions on it.
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
import { type App, startApp } from "./app.ts";
import { startBroker } from "./broker/mod.ts";
import type { Like } from "./broker/profile.ts";
import { type Client, connect } from "./client/mod.ts";
import type { Caller } from "./core/api/context.ts";
import { ArgumentError } from "./core/api/errors.ts";
import { createEvents } from "./core/ports/events.ts";
import type { Config } from "./core/api/options.ts";
import { manualTick } from "./core/schedule/tick.ts";
import { queueName } from "./core/settings/queue_name.ts";
import { type EventWatch, watchEvents } from "./testing/watch.ts";

export type { Caller, Config, Like };
export type { Override, PermissionOptions, RetryOptions, Settings } from "./core/api/options.ts";
export type { CallOptions, SendOptions } from "./core/api/context.ts";
export type { Duration } from "./core/api/duration.ts";

/** A broker for one test: in memory, on a free port of this machine. It speaks AMQP 0-9-1. */
export interface TestBroker {
  /** The address that any AMQP client can connect to, such as `amqp://guest:guest@127.0.0.1:40123`. */
  readonly url: string;
  /** Stops the broker. All its queues and messages are gone. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of `startTestBroker`. */
export interface TestBrokerOptions {
  /** The version of RabbitMQ that it behaves like: `"3.10"` or `"4.3"`. @default "3.10" */
  readonly like?: Like;
}

/**
 * Starts a broker in memory on a free port. Declare it with `await using`, and it stops when the test ends.
 *
 * @example
 * ```ts
 * import { startTestBroker } from "hopper/testing";
 *
 * await using broker = await startTestBroker({ like: "4.3" });
 * console.log(broker.url);
 * ```
 */
export async function startTestBroker({ like }: TestBrokerOptions = {}): Promise<TestBroker> {
  const broker = await startBroker({ port: 0, memory: true, like });
  return { url: broker.url, [Symbol.asyncDispose]: () => broker.close() };
}

const defaultPatience = 5000;

/** Options of `startTest`. */
export interface TestOptions extends TestBrokerOptions {
  /** Path of the functions folder. */
  readonly functions: string;
  /** The same as the default export of a deploy.config.ts. The test reads no such file itself. @default {} */
  readonly config?: Config;
  /**
   * How long `handled`, `failed` and `unrouted` wait before they reject, in milliseconds. The start waits as long, but
   * at least 5 seconds, for files that load slowly. @default 5000
   */
  readonly patience?: number;
}

/** Running functions on a broker in memory, and a client (`send`, `publish`, `call`) to try them with. */
export interface TestRuntime extends Caller {
  /** The broker's address. */
  readonly url: string;
  /** What is wrong with the files in the folder, one line each. Those files do not run. */
  readonly problems: readonly string[];
  /**
   * Fires the schedule `name` now. Its handler gets a tick with `manual: true`. Rejects if there is no such schedule.
   */
  fire(name: string): Promise<void>;
  /**
   * Waits until the function `name` has handled `count` messages since the test began. Rejects if that takes longer
   * than `patience`; the message lists what did happen.
   */
  handled(name: string, count?: number): Promise<void>;
  /**
   * Waits until `count` runs of the function `name` have failed since the test began, and gives the error of the last
   * one as text, such as `Error: No such order`. Rejects as `handled` does.
   */
  failed(name: string, count?: number): Promise<string>;
  /**
   * Waits until the function `name` has published `count` messages that no queue took and that needed none (see
   * `emits`), and gives the exchange and routing key of the last one. Rejects as `handled` does.
   */
  unrouted(name: string, count?: number): Promise<{ readonly exchange: string; readonly routingKey: string }>;
  /** Stops the functions and the broker. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs a folder of functions on a broker in memory, and resolves when each of them consumes its queue. A file that
 * cannot run is listed in `problems`. Declare the result with `await using`, and all stops when the test ends.
 *
 * @example
 * ```ts
 * import { startTest } from "hopper/testing";
 * import assert from "node:assert/strict";
 *
 * await using hopper = await startTest({
 *   functions: "functions",
 *   config: { defaults: { retry: false } },
 * });
 * assert.deepEqual(hopper.problems, []);
 * assert.equal(await hopper.call("rpc_queue", 10), 55);
 * await hopper.send("hello", "Ada");
 * await hopper.handled("hello");
 * ```
 */
export async function startTest(options: TestOptions): Promise<TestRuntime> {
  const broker = await startTestBroker(options);
  const events = createEvents();
  const { functions, config, patience = defaultPatience } = options;
  const watch: EventWatch = watchEvents(events, patience);
  const data = await Deno.makeTempDir({ prefix: "hopper-test-" });
  const app = await startApp({
    functions: resolve(functions),
    broker: broker.url,
    config,
    events,
    data,
    // A package that loads slowly is no problem of a test.
    loadMs: Math.max(patience, defaultPatience),
  });
  await app.ready;
  const client: Client = await connect(broker.url, { name: "hopper test" });
  return {
    url: broker.url,
    problems: watch.problems(),
    send: client.send,
    publish: client.publish,
    call: client.call,
    cancel: client.cancel,
    fire: async (name) => await client.send(queueOf(name, app), manualTick()),
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

function queueOf(name: string, { serving }: App): string {
  const schedules = serving.filter(({ trigger }) => trigger.kind === "schedule");
  const found = schedules.find((declared) => declared.name === name);
  if (found !== undefined) return queueName(found);
  const names = schedules.map(({ name }) => `'${name}'`).join(", ") || "none";
  throw new ArgumentError(`No schedule '${name}' runs here; there are: ${names}`);
}
