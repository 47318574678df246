import { Buffer } from "node:buffer";
import { Calls } from "../client/calls.ts";
import { Delays } from "../client/delay/delays.ts";
import { inTrace } from "../client/in_trace.ts";
import { createSender } from "../client/sender.ts";
import { ServedRpcs } from "../client/served.ts";
import { HeaderTable } from "../amqp/header_table.ts";
import type { Caller } from "../core/api/context.ts";
import { type HeaderValue, sourcesOf, type Trigger } from "../core/api/trigger.ts";
import type { Recurrence } from "../core/schedule/recurrence.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Tracing } from "../core/ports/trace.ts";
import { ConnectionLost } from "../core/ports/amqp_errors.ts";
import { within } from "../core/within.ts";
import { manualTick } from "../core/schedule/tick.ts";
import { emittedExchanges, exchangesOf } from "../core/settings/exchanges.ts";
import type { Catalog } from "../discover/catalog.ts";
import { consumersOf } from "../dispatch/drain.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import type { Supervisor } from "../link/supervisor.ts";
import type { Invocation, LiveView, Operations, OwnQueue, SentAgain } from "../observe/api/operations.ts";
import type { ScheduleView, VersionView } from "../observe/api/views.ts";
import { foreseenHelpers } from "../topology/helpers.ts";
import type { Deployment } from "./deployment.ts";
import type { Generation, Generations } from "./generation.ts";
import { QueueInspector } from "./queue_inspector.ts";

/** How long the broker is waited for, in milliseconds: to come back, and to begin or end a consumer. */
const answerMs = 5_000;

/** What the operations of an app work with. */
export interface OperationsParts {
  readonly broker: string;
  readonly catalog: () => Catalog;
  readonly deployment: Deployment;
  readonly generations: Generations;
  readonly missing: () => readonly string[];
  readonly paused: () => readonly string[];
  /** Opens a link for what operators send and look at. */
  readonly openLink: () => Supervisor;
  readonly emit: Emit;
  /** Makes spans, if this runtime traces. */
  readonly tracing: Tracing | undefined;
  /** Aborts when the runtime stops. */
  readonly stop: AbortSignal;
}

/** What operators do with a running app; it shares no connection with the functions. */
export class AppOperations implements Operations {
  readonly broker: string;
  readonly missing: () => readonly string[];
  readonly paused: () => readonly string[];
  readonly queues: QueueInspector;
  readonly #parts: OperationsParts;
  #sending: Sending | undefined;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    this.broker = parts.broker;
    this.missing = parts.missing;
    this.paused = parts.paused;
    this.queues = new QueueInspector(() => this.#open().link, parts.stop);
  }

  unrouted = (): readonly string[] => this.#parts.generations.unrouted;
  problems = (): Catalog["problems"] => this.#parts.catalog().problems;
  notices = (): Catalog["notices"] => this.#parts.catalog().notices;

  functions = (): LiveView[] =>
    this.#parts.deployment.live.map(({ current, all }) => viewOf(current, all, this.#parts.generations));

  invoke = async (
    { declared: { trigger }, queue, bindings }: LiveView,
    { body, headers, routingKey, timeout, messageId }: Invocation,
  ) => {
    const caller = await this.#connected();
    if (trigger.kind === "rpc") {
      return { kind: "reply", output: await caller.call(trigger.name, body, { headers, timeout }) } as const;
    }
    if (trigger.kind === "schedule") {
      await caller.send(queue, manualTick(), { headers, messageId });
      return { kind: "sent" } as const;
    }
    const [first] = bindings;
    if (first === undefined || queue !== "" && routingKey === undefined && isPattern(first.routingKey)) {
      await caller.send(queue, body, { headers, messageId });
    } else {
      const options = { headers: { ...matchOf(trigger), ...headers }, messageId };
      await caller.publish(first.exchange, routingKey ?? first.routingKey, body, options);
    }
    return { kind: "sent" } as const;
  };

  hold = async (name: string, on: boolean): Promise<void> => {
    const { generations, deployment, emit } = this.#parts;
    if (!generations.holdOf(name).set(on)) return;
    emit({ event: on ? "held" : "released", function: name });
    const live = deployment.live.find(({ current }) => current.served.name === name);
    const consumer = live?.current.served.consumer;
    if (consumer) await within(answerMs, on ? consumer.detached : consumer.attached);
  };

  send = async (queue: string, { body, headers, messageId, ...properties }: SentAgain): Promise<void> => {
    const caller = await this.#connected();
    if (!(body instanceof Uint8Array)) {
      const values = new HeaderTable(Buffer.from(headers)).values;
      return await caller.send(queue, body, { ...properties, messageId, headers: values });
    }
    const table = new HeaderTable(Buffer.from(headers));
    await this.#open().publisher.publish({
      exchange: "",
      routingKey: queue,
      body,
      properties: { ...properties, messageId, headers: table, persistent: true },
    });
  };

  /** Waits for what is being sent, and closes the connection. */
  async close(): Promise<void> {
    if (this.#sending === undefined) return;
    const { link, publisher, calls } = this.#sending;
    await Promise.all([publisher.close(), calls.close()]);
    await link.close();
  }

  /** Sends, publishes and calls for operators, who are told soon that the broker is away. */
  async #connected(): Promise<Caller> {
    const { link, publisher, calls, delays } = this.#open();
    if (link.current === undefined && await within(answerMs, link.connection()) === "late") {
      throw new ConnectionLost(`sending a message, and did not come back within ${answerMs} ms`);
    }
    const sender = createSender(publisher, calls, delays);
    const { tracing } = this.#parts;
    return tracing ? inTrace(sender, { tracing }) : sender;
  }

  #open(): Sending {
    if (this.#sending) return this.#sending;
    const link = this.#parts.openLink();
    const publisher = new ConfirmedPublisher(link);
    const calls = new Calls(link, new ServedRpcs(link));
    return this.#sending = { link, publisher, calls, delays: new Delays(link) };
  }
}

/** What operators send with. */
interface Sending {
  readonly link: Supervisor;
  readonly publisher: ConfirmedPublisher;
  readonly calls: Calls;
  readonly delays: Delays;
}

/** The headers that a message needs to reach a headers trigger. */
function matchOf(trigger: Trigger): Readonly<Record<string, HeaderValue>> {
  const [source] = sourcesOf(trigger);
  if (source?.kind !== "headers") return {};
  return "all" in source.match ? source.match.all : source.match.any;
}

// A pattern of a topic is no key: a message with it would reach whoever is bound to its words.
function isPattern(key: string): boolean {
  return key.split(".").some((word) => word === "*" || word === "#");
}

function viewOf(current: Generation, all: readonly Generation[], generations: Generations): LiveView {
  const { declared, plan, served } = current;
  const unrouted = generations.unroutedOf(declared.name);
  return {
    declared,
    queue: served.consumer.queue ?? plan.queue.name,
    ...stateOf(current),
    inFlight: all.reduce((sum, generation) => sum + runningIn(generation), 0),
    unacked: all.reduce((sum, generation) => sum + heldIn(generation), 0),
    sent: generations.sentBy(declared.name),
    versions: all.map((generation) => versionOf(generation, generation === current)),
    queues: queuesOf(current),
    ...declared.recurrence && { schedule: timesOf(declared.recurrence, served.ticker?.latest) },
    exchanges: exchangesOf(declared).map(({ name, type }) => ({ name, type })),
    bindings: plan.bindings.map(({ exchange, routingKey, arguments: args }) => ({
      exchange,
      routingKey,
      headers: Object.entries(args).map(([name, value]) => `${name}=${value}`).join(" "),
    })),
    emits: emittedExchanges(declared).map(({ name, type }) => ({
      exchange: name,
      type,
      unrouted: unrouted.get(name) ?? 0,
    })),
  };
}

function timesOf(recurrence: Recurrence, latest: number | undefined): ScheduleView {
  const next = recurrence.next(Date.now());
  return {
    ...next === undefined ? {} : { next: new Date(next).toISOString() },
    ...latest === undefined ? {} : { latest: new Date(latest).toISOString() },
  };
}

function stateOf(
  { served: { availability, consumer, reader } }: Generation,
): Pick<LiveView, "state" | "why"> {
  if (availability.trouble !== undefined) return { state: "unavailable", why: availability.trouble };
  const { held, paused, missing } = consumer;
  if (held) return { state: "paused", why: "paused by an operator" };
  if (paused !== undefined) return { state: "circuit-open", why: paused };
  // A replica that stands by while another reads the stream is as it should be.
  const why = missing ?? (reader?.paused === undefined ? reader?.missing : undefined);
  return why === undefined ? { state: "running" } : { state: "detached", why };
}

function runningIn({ served }: Generation): number {
  return consumersOf([served]).reduce((sum, { running }) => sum + running, 0);
}

function heldIn({ served }: Generation): number {
  return consumersOf([served]).reduce((sum, { running, waiting }) => sum + running + waiting, 0);
}

function versionOf(generation: Generation, serves: boolean): VersionView {
  const { code } = generation.declared;
  return {
    version: code.kind === "inline" ? "inline" : code.version.id.slice(0, 8),
    state: serves ? "serving" : "draining",
    inFlight: runningIn(generation),
  };
}

function queuesOf({ declared, plan, served }: Generation): OwnQueue[] {
  const name = served.consumer.queue ?? plan.queue.name;
  if (name === "") return [];
  const helpers = foreseenHelpers(declared, plan.helpers, name);
  const dead = plan.helpers.deadLetters?.name;
  return [
    { name, kind: "work" },
    ...plan.helpers.shards.map(({ name }) => ({ name, kind: "work" } as const)),
    ...helpers.map((
      helper,
    ) => ({ name: helper.name, kind: helper.name === dead ? "dead" : "retry" } as const)),
    { name: plan.helpers.suspects(name).name, kind: "suspects" },
    ...plan.helpers.schedule ? [{ name: plan.helpers.schedule.name, kind: "schedule" } as const] : [],
  ];
}
