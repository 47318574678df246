import type { Caller } from "../core/api/context.ts";
import type { Declared } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import type { Channel, HelperQueue, Link, Publisher } from "../core/ports/amqp.ts";
import { Consumer } from "./consume/consumer.ts";
import { Deliveries } from "./deliveries.ts";
import type { Served } from "./drain.ts";
import type { HelperQueues } from "./settle/helper_queues.ts";
import { CircuitBreaker } from "./circuit_breaker.ts";
import { runMarkersAt } from "./poison/run_markers.ts";
import { watchesForPoison } from "./poison/policy.ts";
import { forgiving, idsInMemory, type IdStore } from "./stages/id_store.ts";
import { idsOnDisk } from "./stages/id_store_on_disk.ts";
import type { SettleParts } from "./settle/settle.ts";
import { InFlight } from "./stages/in_flight.ts";
import { Suspects } from "./poison/consumer.ts";

/** What all functions of a runtime share. */
export interface Shared {
  readonly link: Link;
  /** Folder for what shall survive a restart. */
  readonly data: string;
  readonly emit: Emit;
  /** Aborted when the runtime will wait no longer. */
  readonly stop: AbortSignal;
}

/** What one function brings along. */
export interface Own {
  readonly declared: Declared;
  readonly host: Host;
  /** For an rpc's replies. */
  readonly replies: Publisher;
  readonly queues: HelperQueues;
  /** What its handler sends, publishes and calls with. */
  readonly caller: Caller;
  readonly helpers: SettleParts["helpers"] & { mark(queue: string, token: string): HelperQueue };
  /** The queue it consumes; empty where the broker names it. */
  readonly queue: string;
  /** Declares what the function needs and gives its queue's name. */
  readonly declare: (channel: Channel) => Promise<string>;
  /** What the version before this one still runs. */
  readonly inFlight?: InFlight;
}

/** Attaches a function and keeps it attached. */
export function serve(
  { declared, host, replies, queues, caller, helpers, queue, declare, inFlight = new InFlight() }: Own,
  shared: Shared,
): Served {
  const { name, settings } = declared;
  const { link, emit, stop } = shared;
  const breaker = new CircuitBreaker(pauses(declared) ? settings.pause : false);
  const handled = handledIds(declared, shared);
  const deliveries: Deliveries = new Deliveries({
    declared,
    host,
    caller,
    replies,
    queues,
    helpers,
    breaker,
    handled,
    inFlight,
    markers: runMarkersAt(link, (token) => helpers.mark(queue, token), stop),
    onSuspect: () => suspects.attach(),
    emit,
    stop,
  });
  const consumer = new Consumer({
    function: name,
    settings,
    link,
    declare,
    recipient: deliveries,
    breaker,
    emit,
  });
  const suspects = new Suspects({
    function: name,
    settings,
    link,
    queue: watchesForPoison(settings) ? helpers.suspects(queue) : undefined,
    recipient: deliveries.suspectsOf(queue),
    emit,
  });
  consumer.tried.then(() => suspects.attachIfAny());
  return { name, consumer, suspects, deliveries, inFlight, close: () => handled?.close() };
}

// An rpc's caller would rather have the error than wait; without acknowledgements nothing can be kept back.
function pauses({ trigger, settings }: Declared): boolean {
  return trigger.kind !== "rpc" && settings.ack !== "none";
}

// An rpc's every request needs its reply; whose outcome its handler decides, it knows itself.
function handledIds({ name, trigger, settings }: Declared, { data, emit }: Shared): IdStore | undefined {
  const { dedupe, ack } = settings;
  if (dedupe === false || trigger.kind === "rpc" || ack !== "auto") return undefined;
  if (dedupe.store === "memory") return idsInMemory(dedupe.for);
  const complain = (error: unknown, instead: string) =>
    emit({ event: "notice", message: `${name}: handled ids are ${instead}: ${describeError(error)}` });
  try {
    return forgiving(idsOnDisk(data, dedupe.for), (error) => complain(error, "not remembered"));
  } catch (error) {
    complain(error, `remembered in memory only, as '${data}' cannot be used`);
    return idsInMemory(dedupe.for);
  }
}
