import type { Caller } from "../core/api/context.ts";
import type { Declared } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import type { OpenIdServer } from "../core/ports/id_server.ts";
import type { Channel, HelperQueue, Link, Publisher } from "../core/ports/amqp.ts";
import type { RunPlace, Tracing } from "../core/ports/trace.ts";
import { Availability, type AvailabilityParts } from "./availability.ts";
import { Consumer } from "./consume/consumer.ts";
import { lanesOf } from "./consume/lanes_of.ts";
import { Deliveries } from "./deliveries.ts";
import type { Served } from "./drain.ts";
import type { HelperQueues } from "./settle/helper_queues.ts";
import { CircuitBreaker } from "./circuit_breaker.ts";
import type { Hold } from "./hold.ts";
import type { Pace } from "./rate/pace.ts";
import { Ticker } from "./schedule/ticker.ts";
import { runMarkersAt } from "./poison/run_markers.ts";
import { watchesForPoison } from "./poison/policy.ts";
import { idsInMemory, type IdStore } from "./stages/id_store.ts";
import { openIds } from "./stages/open_ids.ts";
import type { SettleParts } from "./settle/settle.ts";
import { InFlight } from "./stages/in_flight.ts";
import { StreamReader } from "./stream/reader.ts";
import { Suspects } from "./poison/consumer.ts";

/** What all functions in a runtime share. */
export interface Shared {
  readonly link: Link;
  /** The folder for data that survives a restart. */
  readonly data: string;
  /** Opens a store of handled ids that other runtimes use too. */
  readonly openIdServer: OpenIdServer;
  readonly emit: Emit;
  /** Makes an id for a run. */
  readonly nextRunId: () => string;
  /** Makes spans, if this runtime traces. */
  readonly tracing: Tracing | undefined;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
}

/** What belongs to one function. */
export interface Own {
  readonly declared: Declared;
  readonly host: Host;
  /** For an rpc's replies. */
  readonly replies: Publisher;
  readonly queues: HelperQueues;
  /** Sends, publishes and calls for its handler. */
  readonly caller: Caller;
  /** The same, for a run in a trace. */
  readonly callerIn: (place: RunPlace) => Caller;
  readonly helpers: SettleParts["helpers"] & { mark(queue: string, token: string): HelperQueue };
  /** The queue it consumes; empty if the broker chooses the name. */
  readonly queue: string;
  /** The stream that it reads, if it does. */
  readonly stream?: StreamOfFunction;
  /** The queue that remembers a schedule's last tick. */
  readonly memory?: HelperQueue;
  /** Sends ticks. */
  readonly publisher: Publisher;
  /** Declares what the function needs, and returns its queue's name. */
  readonly declare: (channel: Channel) => Promise<string>;
  /** Whether an operator has paused it. */
  readonly hold: Hold;
  /** When its runs may begin, if it has a rate. It is the same for all its versions. */
  readonly pace?: Pace | undefined;
  /** The messages that the previous version still runs. */
  readonly inFlight?: InFlight;
}

/** A stream, and the queues with which replicas agree on who reads it and from where. */
export interface StreamOfFunction {
  readonly log: { readonly name: string };
  readonly place: HelperQueue;
  readonly seat: HelperQueue;
  readonly from: string | number;
}

/** Attaches a function and keeps it attached. */
export function serve(
  {
    declared,
    host,
    replies,
    queues,
    caller,
    callerIn,
    helpers,
    queue,
    stream,
    memory,
    publisher,
    declare,
    hold,
    pace,
    inFlight = new InFlight(),
  }: Own,
  shared: Shared,
): Served {
  const { name, settings } = declared;
  const { link, emit, nextRunId, tracing, stop } = shared;
  const breaker = new CircuitBreaker(pauses(declared) ? settings.pause : false);
  const handled = handledIds(declared, shared, (error) => availability.lost(error));
  const availability: Availability = new Availability({
    function: name,
    settings,
    host: handled?.ready ? withStore(handled.ready, host) : host,
    emit,
  });
  handled?.ready?.().catch((error) => availability.lost(error));
  const deliveries: Deliveries = new Deliveries({
    declared,
    host,
    caller,
    callerIn,
    replies,
    queues,
    helpers,
    breaker,
    availability,
    handled,
    inFlight,
    pace,
    markers: runMarkersAt(link, (token) => helpers.mark(queue, token), stop),
    onSuspect: () => suspects.attach(),
    nextRunId,
    tracing,
    emit,
    stop,
  });
  const { sharding } = settings;
  const isInOrder = sharding?.inOrder ?? false;
  const consuming = {
    function: name,
    settings,
    link,
    declare,
    recipient: deliveries,
    breaker,
    availability: waits(declared) ? availability : undefined,
    hold,
    pace,
    emit,
  };
  const consumer = new Consumer({
    ...consuming,
    recipient: sharding ? deliveries.shardsOf(queue) : deliveries,
    sources: sharding && helpers.shards.map(({ name }) => name),
    lanes: sharding && ((slots) => lanesOf(sharding, slots)),
    // A tick ends before the next one begins, wherever that runs.
    inOrder: isInOrder || memory !== undefined && !settings.overlap,
  });
  const reader = stream && new Consumer({
    ...consuming,
    stream: new StreamReader({ ...stream, stream: stream.log.name, queues }),
  });
  const router = sharding && new Consumer({
    function: name,
    settings: { ...settings, ...routing },
    link,
    declare,
    recipient: deliveries.routed(),
    inOrder: isInOrder,
    breaker: new CircuitBreaker(false),
    availability: sharding.by.kind === "function" ? availability : undefined,
    hold,
    pace: undefined,
    emit: (event) => event.event !== "attached" && emit(event),
  });
  const suspects = new Suspects({
    function: name,
    settings,
    link,
    queue: watchesForPoison(settings) ? helpers.suspects(queue) : undefined,
    recipient: deliveries.suspectsOf(queue),
    availability,
    hold,
    pace,
    emit,
  });
  consumer.tried.then(() => suspects.attachIfAny());
  const { recurrence } = declared;
  const ticker = recurrence && memory &&
    new Ticker({ function: name, settings, recurrence, queue, memory, link, publisher, consumer, emit });
  return {
    name,
    consumer,
    router,
    reader,
    tried: Promise.all([consumer, router, reader].map((one) => one?.tried)),
    suspects,
    availability,
    deliveries,
    ticker,
    inFlight,
    stop() {
      suspects.stop();
      availability.close();
      deliveries.stop();
    },
    close: async () => void await handled?.close(),
  };
}

// How many messages are on their way to their shards at the same time. They are only moved, so a rate does not count.
const routing = { prefetch: 200, concurrency: 200, instances: 1, rate: false } as const;

// The callers of an rpc get the error at once instead of waiting.
function waits({ trigger }: Declared): boolean {
  return trigger.kind !== "rpc";
}

// An rpc never pauses, because its caller would rather get the error than wait. Without acknowledgements a pause would
// lose messages.
function pauses({ trigger, settings }: Declared): boolean {
  return trigger.kind !== "rpc" && settings.ack !== "none";
}

const ticksRememberedMs = 3_600_000;

// Every request of an rpc needs a reply, and under `ack: "manual"` the handler itself must recognise duplicates.
function handledIds(
  { name, trigger, settings }: Declared,
  shared: Shared,
  onDown: (error: unknown) => void,
): IdStore | undefined {
  const { dedupe, ack } = settings;
  // A tick may be sent twice, when the broker ends before it has confirmed it.
  if (trigger.kind === "schedule" && dedupe === false && ack === "auto") {
    return idsInMemory(ticksRememberedMs);
  }
  if (dedupe === false || trigger.kind === "rpc" || ack !== "auto") return undefined;
  return openIds({ ...shared, function: name, dedupe, settings, onDown });
}

/** What a function needs to run messages if it also needs a store. */
function withStore(ready: () => Promise<void>, host: Host): AvailabilityParts["host"] {
  return {
    get live() {
      return host.live;
    },
    async prepare() {
      await ready();
      await host.prepare();
    },
  };
}
