import { stableQueue } from "../../core/text/stable_queue.ts";
import type { Buckets } from "./buckets.ts";
import { type Definition, definitions } from "./definitions.ts";
import type { FunctionNow, Waiting } from "./source.ts";
import type { Counter, Tally } from "./tally.ts";

/** A metric with its series. */
export interface Family {
  readonly definition: Definition;
  readonly samples: readonly Sample[];
}

/** One series at this moment. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | Buckets;
}

/** What is known when somebody reads the metrics. */
export interface Known {
  readonly tally: Tally;
  readonly functions: readonly FunctionNow[];
  /** Missing while the broker does not say. */
  readonly queues: readonly Waiting[] | undefined;
  readonly lag: Buckets;
  /** Hopper's version. */
  readonly version: string;
}

const counters: readonly Counter[] = [
  "retried",
  "deadLettered",
  "dropped",
  "expired",
  "duplicates",
  "superseded",
  "unrouted",
  "unanswered",
  "processesStarted",
  "processesEnded",
];

const broken: ReadonlySet<FunctionNow["state"]> = new Set(["detached", "unavailable"]);
const resting: ReadonlySet<FunctionNow["state"]> = new Set(["circuit-open", "paused"]);

/** Every metric, with what is known. */
export function families({ tally, functions, queues = [], lag, version }: Known): Family[] {
  return [
    ...ofRuns(tally),
    family(
      definitions.sent,
      functions,
      ({ declared: { name }, sent }) =>
        sent.map(({ operation, error, count }) => ({
          labels: { ...system(operation), function: name, error_type: error ?? "" },
          value: count,
        })),
    ),
    ...counters.map((counter) =>
      family(definitions[counter], tally.functions, ([name, { counts }]) => [
        { labels: { function: name }, value: counts[counter] },
      ])
    ),
    family(definitions.inFlight, functions, ({ declared, inFlight }) => of(declared, inFlight)),
    family(definitions.unacked, functions, ({ declared, queue, unacked }) => [
      { labels: { function: declared.name, messaging_destination_name: stableQueue(queue) }, value: unacked },
    ]),
    family(definitions.ready, queues, ({ function: name, queue, kind, ready }) => [
      { labels: { function: name, messaging_destination_name: stableQueue(queue), kind }, value: ready },
    ]),
    family(
      definitions.attached,
      functions,
      ({ declared, state }) => of(declared, Number(!broken.has(state))),
    ),
    family(definitions.paused, functions, ({ declared, state }) => of(declared, Number(resting.has(state)))),
    family(definitions.connected, tally.connections, ([connection, { connected }]) => [
      { labels: { connection }, value: Number(connected) },
    ]),
    family(definitions.reconnects, tally.connections, ([connection, { opened }]) => [
      { labels: { connection }, value: Math.max(0, opened - 1) },
    ]),
    { definition: definitions.lag, samples: [{ labels: {}, value: lag }] },
    { definition: definitions.build, samples: [{ labels: { version }, value: 1 }] },
  ];
}

function ofRuns({ functions }: Tally): Family[] {
  const ended = [...functions].flatMap(([name, { ended }]) =>
    ended.map(({ queue, errorType, took, consumed }) => ({
      labels: {
        ...system("process"),
        messaging_destination_name: queue,
        function: name,
        error_type: errorType,
      },
      took,
      consumed,
    }))
  );
  return [
    family(definitions.processDuration, ended, ({ labels, took }) => [{ labels, value: took }]),
    family(definitions.consumed, ended, ({ labels, consumed }) => [{ labels, value: consumed }]),
  ];
}

function family<One>(definition: Definition, all: Iterable<One>, samples: (one: One) => Sample[]): Family {
  return { definition, samples: [...all].flatMap(samples) };
}

function of({ name }: FunctionNow["declared"], value: number): Sample[] {
  return [{ labels: { function: name }, value }];
}

function system(operation: string) {
  return { messaging_system: "rabbitmq", messaging_operation_name: operation };
}
