import { announce } from "./app/announce.ts";
import { Deployment } from "./app/deployment.ts";
import { AppOperations } from "./app/operations.ts";
import { FunctionsFolder } from "./app/functions_folder.ts";
import { Generations } from "./app/generation.ts";
import { checkInspected } from "./app/inspected.ts";
import { once } from "./app/once.ts";
import { missingOf, pausedOf } from "./app/readiness.ts";
import { Senders } from "./app/senders.ts";
import { servicesOf } from "./app/services.ts";
import type { App, AppOptions } from "./app/shapes.ts";
import { Upkeep } from "./app/upkeep.ts";
import { WatchedFolder } from "./app/watch_folder.ts";
import { describeError } from "./core/api/errors.ts";
import { createEvents } from "./core/ports/events.ts";
import { runIds } from "./core/ports/observed_run.ts";
import type { Config } from "./core/api/options.ts";
import { within } from "./core/within.ts";
import type { Catalog } from "./discover/catalog.ts";
import type { Snapshot } from "./discover/folder/snapshot.ts";
import { consumersOf, drain, inFlight } from "./dispatch/drain.ts";
import type { Shared } from "./dispatch/serve.ts";
import { Supervisor } from "./link/supervisor.ts";
import { parseAmqpUris } from "./link/uri.ts";
import { openIdServers } from "./stores/mod.ts";
import { openTracing } from "./trace/mod.ts";

export type { App, AppOptions };

// A change waits so long for a file that is still being loaded once the others are; it goes live when it is loaded.
const othersMs = 300;

// A start waits longer: what it leaves out, nothing else serves.
const defaultLoadMs = 3_000;

// A file that takes longer is reported.
const slowMs = 1_000;

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

  const missing = () =>
    missingOf([consumers, ...senders.links], deployment.serving.map(({ served }) => served));
  const paused = () => pausedOf(deployment.serving.map(({ served }) => served));

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

/** Does work piece by piece, in the order it comes. */
function oneByOne<Piece extends unknown[]>(
  work: (...piece: Piece) => Promise<void>,
): (...piece: Piece) => Promise<void> {
  let last = Promise.resolve();
  return (...piece) => last = last.catch(() => {}).then(() => work(...piece));
}
