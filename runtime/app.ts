import { Calls } from "./client/calls.ts";
import { createSender } from "./client/sender.ts";
import { createEvents, type Events } from "./core/events.ts";
import type { Channel } from "./core/link.ts";
import type { Config } from "./core/options.ts";
import { type Catalog, readCatalog } from "./discover/catalog.ts";
import { consumersOf, drain, inFlight } from "./dispatch/drain.ts";
import { HelperQueues } from "./dispatch/helper_queues.ts";
import { serve, type Shared } from "./dispatch/serve.ts";
import { Hosts } from "./host/hosts.ts";
import { ConfirmedPublisher } from "./link/publisher.ts";
import { Supervisor } from "./link/supervisor.ts";
import { parseAmqpUris } from "./link/uri.ts";
import { declareTopology } from "./topology/declare.ts";
import { planFunction, queueName } from "./topology/plan.ts";

/** What an app is started with. */
export interface AppOptions {
  /** The folder of function files. */
  readonly functions: string;
  /** AMQP URL of the broker, or the URLs of its nodes with commas between them. */
  readonly broker: string;
  readonly config?: Config;
  /** Where to say what happens. */
  readonly events?: Events;
  /** Folder for what shall survive a restart. Default: `.hopper`. */
  readonly data?: string;
  /** Processes that are kept ready before a function asks for one. Default: none. */
  readonly warm?: number;
  /** Milliseconds that runs get to finish when the app stops. Default: 30,000. */
  readonly drainMs?: number;
}

/** A running set of functions. */
export interface App {
  readonly catalog: Catalog;
  /** The broker's address without its password. */
  readonly broker: string;
  /** Resolves with the milliseconds it took to attach every function (or have it refused), or with `undefined`
   * if the app was stopped before that. */
  readonly ready: Promise<number | undefined>;
  /** What keeps the app from being ready; empty when it is. */
  missing(): string[];
  /** Cancels, finishes what is in flight, settles, closes. */
  stop(): Promise<void>;
}

const defaultDrainMs = 30_000;

// A broker that no longer answers shall not keep the runtime from ending.
const closeMs = 5_000;

/** Reads the functions folder and attaches every function in it. Rejects only if the folder or the broker's address cannot be read. */
export async function startApp(options: AppOptions): Promise<App> {
  const { functions, config = {}, events = createEvents(), drainMs = defaultDrainMs, data = ".hopper" } =
    options;
  const { emit } = events;
  const started = performance.now();
  const addresses = parseAmqpUris(options.broker);
  const hosts = await Hosts.open({ functions, warm: options.warm });
  const catalog = await readFunctions(hosts, functions, config).catch(async (error) => {
    await hosts.close();
    throw error;
  });
  for (const problem of catalog.problems) emit({ event: "problem", ...problem });
  for (const message of catalog.notices) emit({ event: "notice", message });

  const consumers = new Supervisor({ addresses, name: "hopper consumers", role: "consumers", emit });
  const publishers = new Supervisor({ addresses, name: "hopper publisher", role: "publisher", emit });
  const publisher = new ConfirmedPublisher(publishers);
  const queues = new HelperQueues(publisher);
  const calls = new Calls(publishers);
  const caller = createSender(publisher, calls);
  const giveUp = new AbortController();

  const shared: Shared = { link: consumers, publisher, queues, caller, data, emit, stop: giveUp.signal };
  const served = catalog.functions.map((declared) => {
    const plan = planFunction(declared);
    const declare = (channel: Channel) => declareTopology(channel, plan);
    const host = hosts.hostOf(declared, caller, emit);
    const { helpers, queue: { name: queue } } = plan;
    return Object.assign(serve({ declared, host, helpers, queue, declare }, shared), { host });
  });

  let stopping = false;
  const ready = Promise.all(served.map(({ consumer }) => consumer.settled)).then(() => {
    if (stopping) return undefined;
    const attached = served.filter(({ consumer }) => consumer.missing === undefined).length;
    const problems = catalog.problems.length + served.length - attached;
    const ms = Math.round(performance.now() - started);
    emit({ event: "ready", functions: attached, problems, ms });
    return ms;
  });

  const missing = () => [
    ...[consumers, publishers].filter(({ current }) => !current).map(({ name }) => `connection '${name}'`),
    ...served.filter(({ consumer }) => consumer.missing !== undefined)
      .map(({ name, consumer }) => `${name}: ${consumer.missing}`),
  ];

  const stop = async () => {
    stopping = true;
    const stopped = performance.now();
    emit({ event: "draining", inFlight: inFlight(served) });
    const summary = await drain(served, drainMs, giveUp);
    await within(closeMs, async () => {
      // Channels before their connection, whose close would overtake the acks that a channel has buffered.
      await Promise.all([
        ...consumersOf(served).map((consumer) => consumer.close()),
        calls.close(),
        publisher.close(),
      ]);
      await Promise.all([consumers.close(), publishers.close()]);
      for (const { close } of served) close();
    });
    await Promise.all(served.map(({ host }) => host.close()));
    await hosts.close();
    const seconds = Math.round((performance.now() - stopped) / 100) / 10;
    emit({ event: "drained", ...summary, seconds });
  };

  return { catalog, broker: addresses.map(({ shown }) => shown).join(", "), ready, missing, stop };
}

function readFunctions(hosts: Hosts, folder: string, config: Config): Promise<Catalog> {
  const { reader } = hosts;
  return readCatalog({ folder, config, queueOf: queueName, read: (files) => reader.read(files) });
}

/** Reads what a folder holds, for those who do not run it. Rejects if the folder cannot be read. */
export async function readFolder(functions: string, config: Config): Promise<Catalog> {
  const hosts = await Hosts.open({ functions });
  try {
    return await readFunctions(hosts, functions, config);
  } finally {
    await hosts.close();
  }
}

async function within(ms: number, work: () => Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work(), late]);
  clearTimeout(timer);
}
