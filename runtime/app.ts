import { announce } from "./app/announce.ts";
import { Deployment } from "./app/deployment.ts";
import { AppOperations } from "./app/operations.ts";
import { FunctionsFolder } from "./app/functions_folder.ts";
import { Generations } from "./app/generation.ts";
import { checkInspected } from "./app/inspected.ts";
import { Senders } from "./app/senders.ts";
import { Upkeep } from "./app/upkeep.ts";
import { type WatchedConfig, WatchedFolder } from "./app/watch_folder.ts";
import { describeError } from "./core/api/errors.ts";
import { createEvents, type Events } from "./core/ports/events.ts";
import { runIds } from "./core/ports/observed_run.ts";
import type { Config } from "./core/api/options.ts";
import type { Declared } from "./core/declared.ts";
import type { Inspection } from "./core/ports/inspection.ts";
import type { Service } from "./core/ports/service.ts";
import { within } from "./core/within.ts";
import type { Catalog } from "./discover/catalog.ts";
import type { Selection } from "./discover/selection.ts";
import type { Snapshot } from "./discover/folder/snapshot.ts";
import { consumersOf, drain, inFlight } from "./dispatch/drain.ts";
import type { Shared } from "./dispatch/serve.ts";
import { Supervisor } from "./link/supervisor.ts";
import { type Address, parseAmqpUris } from "./link/uri.ts";
import { openIdServers } from "./stores/mod.ts";
import { openTracing } from "./trace/mod.ts";
import type { Operations } from "./observe/api/operations.ts";

// A change waits so long for a file that is still being loaded once the others are; it goes live when it is loaded.
const othersMs = 300;

// A start waits longer: what it leaves out, nothing else serves.
const defaultLoadMs = 3_000;

// A file that takes longer is reported.
const slowMs = 1_000;

const maxSaid = 20;

/** What an app is started with. */
export interface AppOptions {
  /** The folder of function files. */
  readonly functions: string;
  /** The part of the folder that is served. Default: everything. */
  readonly selection?: Selection;
  /** AMQP URL of the broker, or the URLs of its nodes with commas between them. */
  readonly broker: string;
  readonly config?: Config;
  /** Where to say what happens. */
  readonly events?: Events;
  /** Folder for what shall survive a restart. Default: `.hopper`. */
  readonly data?: string;
  /** Takes over changes of the folder, and of deploy.config.ts where that is named. Default: what is there at the start. */
  readonly watch?: WatchedConfig;
  /**
   * The release of Hopper, for which what files declare is remembered in `data`, so that those that did not change need
   * not be read at the next start. Default: nothing is remembered.
   */
  readonly release?: string;
  /** Files that no function may import, such as deploy.config.ts by another name; by absolute path. */
  readonly secret?: readonly string[];
  /** Where the runtime's admin API listens, which functions are kept from as they are from the broker. */
  readonly admin?: { readonly hostname: string; readonly port: number };
  /** The function that runs under the inspector, so that a debugger can be attached. Default: none. */
  readonly inspection?: Inspection;
  /** Milliseconds between two looks at exchanges and bindings, which somebody may have taken away. Default: 30,000. */
  readonly upkeepMs?: number;
  /** Milliseconds that the start waits for files that are still being loaded; they go live later. Default: 3,000. */
  readonly loadMs?: number;
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
  /** The functions that get messages now, each as it runs. */
  readonly serving: readonly Declared[];
  /** What keeps the app from being ready; empty when it is. A function that has paused itself is not among it. */
  missing(): string[];
  /** The functions that have paused, as their runs keep failing. */
  paused(): string[];
  /** What functions published and no queue took, where that is no error: how much, by function and exchange. */
  unrouted(): readonly string[];
  /** What operators see of it and do with it. */
  readonly operations: Operations;
  /** Cancels, finishes what is in flight, settles, closes. */
  stop(): Promise<void>;
}

const defaultDrainMs = 30_000;

// Whatever was taken away is back within a minute, the time of a look included.
const defaultUpkeepMs = 30_000;

// A broker that no longer answers shall not keep the runtime from ending.
const closeMs = 5_000;

/** Reads the functions folder and attaches every function in it. Rejects only if the folder or the broker's address cannot be read. */
export async function startApp(options: AppOptions): Promise<App> {
  const { functions, config = {}, events = createEvents(), data = ".hopper" } = options;
  const { drainMs = defaultDrainMs, loadMs = defaultLoadMs } = options;
  const { emit } = events;
  const started = performance.now();
  const addresses = parseAmqpUris(options.broker);
  const tracing = await openTracing(addresses);
  let onLate = () => {};
  let begun = false;
  const { watch, release, secret, selection, inspection } = options;
  const folder = await FunctionsFolder.open({
    functions,
    selection,
    secret,
    watched: watch?.configFile === undefined ? [] : [watch.configFile],
    onTrouble: once((message) => emit({ event: "notice", message })),
    memory: release === undefined ? undefined : { folder: data, release },
    services: servicesOf(addresses, options.admin, inspection),
    inspection,
    keepsReady: watch !== undefined,
    limits: {
      slowMs,
      get othersMs() {
        return begun ? othersMs : loadMs;
      },
      onLate: () => onLate(),
    },
  });
  let catalog: Catalog;
  try {
    catalog = await folder.read(config);
    if (inspection) checkInspected(inspection, catalog);
  } catch (error) {
    await folder.close();
    throw error;
  }
  begun = true;
  announce(catalog, undefined, emit);

  const consumers = new Supervisor({ addresses, name: "hopper consumers", role: "consumers", emit });
  const publishers = new Supervisor({ addresses, name: "hopper publisher", role: "publisher", emit });
  const openReplies = () => new Supervisor({ addresses, name: "hopper replies", role: "replies", emit });
  const senders = new Senders(publishers, openReplies);
  const giveUp = new AbortController();

  const shared: Shared = {
    link: consumers,
    data,
    openIdServer: openIdServers(),
    emit,
    nextRunId: runIds(),
    tracing,
    stop: giveUp.signal,
  };
  const generations = new Generations(folder, senders, shared);
  const deployment = new Deployment(generations, emit);
  deployment.begin(catalog);
  const upkeep = new Upkeep({
    everyMs: options.upkeepMs ?? defaultUpkeepMs,
    link: consumers,
    serving: () => deployment.serving,
    emit,
  });

  let stopping = false;
  const first = deployment.serving.map(({ served: { consumer } }) => consumer);
  const ready = Promise.all(deployment.serving.map(({ served: { tried } }) => tried)).then(() => {
    if (stopping) return undefined;
    const attached = first.filter(({ missing }) => missing === undefined).length;
    const problems = catalog.problems.length + first.length - attached;
    const ms = Math.round(performance.now() - started);
    emit({ event: "ready", functions: attached, problems, ms });
    return ms;
  });

  const watching = new AbortController();
  const takeOver = oneByOne(async (config: Config, snapshot?: Snapshot) => {
    if (stopping) return;
    const before = catalog;
    catalog = await folder.read(config, snapshot);
    announce(catalog, before, emit);
    await deployment.apply(catalog);
    await folder.forgetBut(deployment.running);
  });
  const further = () => folder.further;
  const watchedFolder = new WatchedFolder({ functions, config, ...watch, further, emit, takeOver });
  onLate = () => watchedFolder.again();
  const watched = watch && watchedFolder.watch(folder.snapshot, watching.signal);
  const forgotten = watch && folder.forgetBut(deployment.running).catch((error) => {
    emit({ event: "notice", message: `Cannot remove copies of old versions: ${describeError(error)}` });
  });

  const missing = () => [
    ...[consumers, ...senders.links].filter(({ current }) => !current).map(({ name }) =>
      `connection '${name}'`
    ),
    ...deployment.serving.flatMap(({ served: { name, availability, consumer, router, reader, ticker } }) => {
      const missed = [consumer, router, reader].find((one) => one?.paused === undefined && one?.missing);
      const why = availability.trouble ?? missed?.missing ??
        (consumer.paused === undefined ? ticker?.trouble : undefined);
      return why === undefined ? [] : [`${name}: ${why}`];
    }),
  ];

  const paused = () =>
    deployment.serving.map(({ served }) => served).filter(({ consumer }) => consumer.paused !== undefined)
      .map(({ name, consumer }) => `${name}: ${consumer.paused}`);

  const broker = addresses.map(({ shown }) => shown).join(", ");
  const operations = new AppOperations({
    broker,
    catalog: () => catalog,
    deployment,
    generations,
    missing,
    paused,
    // Its state is not the runtime's: an operator gets the error.
    openLink: () => new Supervisor({ addresses, name: "hopper admin", role: "publisher", emit: () => {} }),
    emit,
    tracing,
    stop: watching.signal,
  });

  const stop = async () => {
    stopping = true;
    watching.abort();
    const keptUp = upkeep.stop();
    deployment.close();
    const { served } = deployment;
    const stopped = performance.now();
    emit({ event: "draining", inFlight: inFlight(served) });
    const summary = await drain(served, drainMs, giveUp);
    const closing = async () => {
      // Channels before their connection, whose close would overtake the acks that a channel has buffered.
      await Promise.all([
        ...consumersOf(served).map((consumer) => consumer.close()),
        senders.close(),
        operations.close(),
        generations.closePaces(),
        keptUp,
      ]);
      await Promise.all([consumers, ...senders.links].map((link) => link.close()));
      await Promise.all(served.map(({ close }) => close()));
    };
    await within(closeMs, closing());
    await deployment.closeHosts();
    await folder.close();
    await Promise.all([watched, forgotten]);
    const seconds = Math.round((performance.now() - stopped) / 100) / 10;
    emit({ event: "drained", ...summary, seconds });
  };

  return {
    get catalog() {
      return catalog;
    },
    get serving() {
      return deployment.serving.map(({ declared }) => declared);
    },
    broker,
    ready,
    missing,
    paused,
    unrouted: operations.unrouted,
    operations,
    stop,
  };
}

function servicesOf(
  broker: readonly Address[],
  admin: AppOptions["admin"],
  inspection: Inspection | undefined,
): Service[] {
  return [
    ...broker.map(({ hostname, port }) => ({ is: "broker", hostname, port } as const)),
    ...admin ? [{ is: "admin API", ...admin } as const] : [],
    ...inspection ? [{ is: "inspector", hostname: inspection.hostname, port: inspection.port } as const] : [],
  ];
}

/** Passes on each text the first time it comes. */
function once(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    // A disk that is full has something to say of every file: this many are enough to know.
    if (said.size >= maxSaid || said.has(text)) return;
    said.add(text);
    say(text);
  };
}

/** Does work piece by piece, in the order it comes. */
function oneByOne<Piece extends unknown[]>(
  work: (...piece: Piece) => Promise<void>,
): (...piece: Piece) => Promise<void> {
  let last = Promise.resolve();
  return (...piece) => last = last.catch(() => {}).then(() => work(...piece));
}
