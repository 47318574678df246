/** A function's deliveries without a broker. Its events and what it publishes are recorded. */

import type { Event } from "../../runtime/core/ports/events.ts";
import { runIds } from "../../runtime/core/ports/observed_run.ts";
import type { Host } from "../../runtime/core/ports/host.ts";
import type { Outgoing, Publisher } from "../../runtime/core/ports/amqp.ts";
import type { RunPlace, Tracing } from "../../runtime/core/ports/trace.ts";
import { HelperQueues } from "../../runtime/dispatch/settle/helper_queues.ts";
import { Availability } from "../../runtime/dispatch/availability.ts";
import { Deliveries } from "../../runtime/dispatch/deliveries.ts";
import { CircuitBreaker } from "../../runtime/dispatch/circuit_breaker.ts";
import { InFlight } from "../../runtime/dispatch/stages/in_flight.ts";
import { executable } from "../../runtime/host/execute/execute.ts";
import { inlineHost } from "../../runtime/host/inline.ts";
import { idsInMemory } from "../../runtime/dispatch/stages/id_store.ts";
import type { Caller, FunctionDeclaration } from "../../runtime/mod.ts";
import type { Override } from "../../runtime/core/api/options.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { declared } from "./declared.ts";
import type { TestDelivery } from "./delivery.ts";

/** How deliveries are handled. Everything has a default. */
export interface ServedOptions {
  /** Publishes a message. By default every message is accepted. */
  readonly publish?: Publisher["publish"];
  readonly declareQueue?: Publisher["declareQueue"];
  readonly defaults?: Override;
  /** Replaces the host, for example by one whose process ends during runs. */
  readonly run?: Host["run"];
  /** Makes spans. By default there are none. */
  readonly tracing?: Tracing;
  /** What a run in a trace sends with. By default it is an error to send. */
  readonly callerIn?: (place: RunPlace) => Caller;
}

/** The deliveries of a function that consumes the queue `orders`. */
export function served(
  // deno-lint-ignore no-explicit-any -- handlers of any input and output
  declaration: FunctionDeclaration<any, any>,
  { publish, declareQueue, defaults, run, tracing, callerIn }: ServedOptions = {},
) {
  const published: Outgoing[] = [];
  const events: Event[] = [];
  const stop = new AbortController();
  const publisher: Publisher = {
    publish: publish ?? ((message) => Promise.resolve(void published.push(message))),
    declareQueue: declareQueue ?? (() => Promise.resolve()),
  };
  const nobody = () => Promise.reject(new Error("Nobody is called here"));
  const calls = { send: nobody, publish: nobody, call: nobody, cancel: nobody };
  const found = declared(declaration, { config: { defaults: { isolate: "inline", ...defaults } } });
  const { dedupe } = found.settings;
  const host = inlineHost(executable("orders", declaration, 128), found.settings.timeout);
  const emit = (event: Event) => void events.push(event);
  const availability = new Availability({ function: "orders", settings: found.settings, host, emit });
  const deliveries = new Deliveries({
    declared: found,
    host: run ? { ...host, run } : host,
    availability,
    caller: calls,
    callerIn: callerIn ?? (() => calls),
    replies: publisher,
    queues: new HelperQueues(publisher),
    helpers: planFunction(found).helpers,
    breaker: new CircuitBreaker(false),
    handled: dedupe === false ? undefined : idsInMemory(dedupe.for),
    inFlight: new InFlight(),
    pace: undefined,
    markers: {
      has: () => Promise.resolve(false),
      set: () => Promise.resolve(),
      clear: () => Promise.resolve(),
    },
    onSuspect: () => {},
    nextRunId: runIds(),
    tracing,
    emit,
    stop: stop.signal,
  });
  return {
    run: async (delivery: TestDelivery, arrivedAt?: number) =>
      await deliveries.handle(delivery, "orders", arrivedAt),
    runSuspect: async (delivery: TestDelivery) => await deliveries.suspectsOf("orders").handle(delivery, ""),
    giveBack: (delivery: TestDelivery) => deliveries.giveBack(delivery, "orders"),
    follow: (delivery: TestDelivery) => deliveries.follow(delivery, "orders"),
    /** The function stops, and waits for no process. */
    close: () => availability.close(),
    published,
    events: (name: Event["event"]) => events.filter(({ event }) => event === name),
    [Symbol.dispose]() {
      availability.close();
      stop.abort();
    },
  };
}

/** A handler that waits for the test. */
export function held() {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let runs = 0;
  const handler = () => {
    runs++;
    return promise;
  };
  return { handler, resolve, reject, runs: () => runs };
}
