/** An app in the test's own process. Its events are collected, and nothing of it outlives the test. */

import { dirname } from "node:path";
import { type App, type AppOptions, startApp } from "../../runtime/app.ts";
import { createEvents, type Event, type Events } from "../../runtime/core/ports/events.ts";
import { type Broker, connectBroker } from "./amqp.ts";
import { eventually } from "./eventually.ts";

type Named<Name extends Event["event"]> = Extract<Event, { event: Name }>;

/** What {@linkcode runApp} starts. */
export interface TestAppOptions extends Omit<AppOptions, "functions" | "broker" | "events"> {
  /** Sources by name. The import of `hopper` is added to each. */
  functions: Record<string, string>;
  broker: string | Broker;
  /** The bus, if something else listens to it too. */
  events?: Events;
  /** Where handlers run, for a test that only holds there; otherwise where the run of tests says. */
  isolate?: "process" | "inline";
}

/** A running app. It is stopped, and its folder is removed, when it goes out of scope. */
export class TestApp implements AsyncDisposable {
  readonly app: App;
  readonly #events: readonly Event[];
  /** The folder of its function files. */
  readonly folder: string;
  readonly #broker: string;
  readonly #changed: () => Promise<void>;
  readonly #dispose: () => Promise<void>;

  constructor(
    app: App,
    folder: string,
    broker: string,
    events: readonly Event[],
    changed: () => Promise<void>,
    dispose: () => Promise<void>,
  ) {
    this.app = app;
    this.folder = folder;
    this.#broker = broker;
    this.#events = events;
    this.#changed = changed;
    this.#dispose = dispose;
  }

  /** The events of this kind so far. */
  seen<Name extends Event["event"]>(event: Name, match: Partial<Named<Name>> = {}): Named<Name>[] {
    return this.#events.filter(fits(event, match));
  }

  /** The first event of this kind, past or future. */
  async event<Name extends Event["event"]>(
    event: Name,
    match: Partial<Named<Name>> = {},
  ): Promise<Named<Name>> {
    return (await this.events(event, 1, match))[0]!;
  }

  /** The first `count` events of this kind, past or future. `ms` is how long they may take, if more than usual. */
  async events<Name extends Event["event"]>(
    event: Name,
    count: number,
    match: Partial<Named<Name>> = {},
    ms?: number,
  ): Promise<Named<Name>[]> {
    const wanted = fits(event, match);
    const found: Named<Name>[] = [];
    let next = 0;
    const enough = () => {
      for (; next < this.#events.length && found.length < count; next++) {
        const candidate = this.#events[next]!;
        if (wanted(candidate)) found.push(candidate);
      }
      return found.length === count;
    };
    const what = `${count} × ${event} ${JSON.stringify(match)}`;
    await eventually(what, enough, this.#changed, () => this.#events, ms);
    return found;
  }

  /** What a function has logged so far, in order. */
  said(name: string): string[] {
    return this.seen("log", { function: name }).map(({ message }) => message);
  }

  /** Writes a function's file. A name with an extension is a helper, which is written unchanged. */
  async write(name: string, source: string): Promise<void> {
    await writeFile(this.folder, name, source);
  }

  /** Deletes a function's file. */
  async remove(name: string): Promise<void> {
    await Deno.remove(`${this.folder}/${name}.ts`);
  }

  /** Lets the next `count` handlers that wait for `released()`, now or soon, go on. */
  async release(count = 1): Promise<void> {
    await using broker = await connectBroker(this.#broker);
    for (const request of await broker.take(gate, count)) await broker.reply(request, "null");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }
}

function fits<Name extends Event["event"]>(name: Name, match: Partial<Named<Name>>) {
  const fields = Object.entries(match);
  return (event: Event): event is Named<Name> =>
    event.event === name && fields.every(([field, value]) => event[field as keyof Event] === value);
}

/**
 * Starts an app and waits until each of its functions is attached or refused.
 *
 * ```ts ignore
 * await using app = await runApp({
 *   functions: { hello: `export default queue("hello", (text, { log }) => log.info(text));` },
 *   broker: vhost.url,
 * });
 * await app.event("handled", { function: "hello" });
 * ```
 */
export async function runApp(
  { functions, broker, isolate = isolateOfRun, events = createEvents(), ...options }: TestAppOptions,
): Promise<TestApp> {
  const folder = await Deno.makeTempDir({ prefix: "hopper-app-" });
  for (const [name, source] of Object.entries(functions)) await writeFile(folder, name, source);
  const seen: Event[] = [];
  let changed = Promise.withResolvers<void>();
  events.on((event) => {
    seen.push(event);
    changed.resolve();
    changed = Promise.withResolvers();
  });
  const url = typeof broker === "string" ? broker : broker.url;
  const waits = Object.values(functions).some((source) => source.includes("released("));
  const keeper = waits ? await keepGate(url) : undefined;
  const { config = {} } = options;
  const defaults = { ...atOnce, isolate, ...config.defaults };
  const app = await startApp({
    ...options,
    config: { ...config, defaults },
    functions: folder,
    broker: url,
    events,
  });
  await app.ready;
  return new TestApp(app, folder, url, seen, () => changed.promise, async () => {
    await app.stop();
    await keeper?.connection.close().catch(() => {}); // The broker may have been replaced.
    await Deno.remove(folder, { recursive: true });
  });
}

/** Serves the gate, so that calls of `released()` wait until the test releases them. */
async function keepGate(url: string): Promise<Broker> {
  const broker = await connectBroker(url);
  broker.connection.on("error", () => {});
  await broker.occupy(gate);
  return broker;
}

async function writeFile(folder: string, name: string, source: string): Promise<void> {
  const isHelper = /\.[a-z]+$/.test(name);
  const path = `${folder}/${isHelper ? name : `${name}.ts`}`;
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, isHelper ? source : `${prelude}\n${source}`);
}

const gate = "released";

// By default a failed message is not retried and a function is never paused. Tests of retries and of the circuit
// breaker set that in the function or the config.
const atOnce = { retry: false, pause: false } as const;

// Processes take most of a test's time, and most tests are about what happens before and after a run. `deno task
// test:versions` has every one of them run in processes.
const isolateOfRun = Deno.env.get("HOPPER_TEST_ISOLATE") === "process" ? "process" : "inline";

// A handler calls `released()` to wait until the test calls `app.release()`. It is an rpc that the test serves,
// because handlers run in their own processes.
const prelude = `import * as hopper from "hopper";
import { type Context, Reject, Retry, RpcError } from "hopper";
let latest: Context;
const released = () => latest.call("released", null, { timeout: "1m" });
// deno-lint-ignore no-explicit-any
const noting = (trigger: any) => (...rest: any[]) => trigger(...rest.map((part) =>
  typeof part !== "function" ? part : (input: unknown, context: Context) => part(input, latest = context)));
const [direct, fanout, headers, queue, rpc, schedule, topic] = [hopper.direct, hopper.fanout, hopper.headers, hopper.queue,
  hopper.rpc, hopper.schedule, hopper.topic].map(noting);`;
