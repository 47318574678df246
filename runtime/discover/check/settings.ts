import { maxRunMs } from "../../core/settings/run_limits.ts";
import type { Declared } from "../../core/declared.ts";
import { exchangeTypes } from "../../core/settings/exchange_types.ts";
import { shown } from "../../core/text/shown.ts";
import type { Layer, Resolved } from "../../core/settings/settings.ts";
import { sourcesOf, type Trigger } from "../../core/api/trigger.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import { shardingOption } from "../../core/settings/shard_settings.ts";
import { checkSharding } from "./sharding.ts";
import { checkBatch } from "./batch.ts";
import { checkRate } from "./rate.ts";
import { checkScheduleSettings } from "./schedule.ts";
import { checkStream } from "./stream.ts";
import { checkName, tooLong, type TriggerFault } from "./trigger.ts";

// The most that a retry queue's name adds: a delay of a month, and a quorum queue's priority, or a temporary queue's own
// name as RabbitMQ makes it.
const maxRetry = ".retry.3000000000";
const withPriority = ".high";
const temporaryQueue = ".amq.gen-0123456789abcdefghijkl";

/** The most that the names of a rate's queues add. */
const maxRing = ".rate.100000.2147483647.10000.spent";

/** What is wrong with the name of a function's queue, or of its helper queues; `""` is one that the broker names. */
export function checkQueueName(queue: string, { name, trigger, settings }: Declared): TriggerFault[] {
  const bears = queue === "" ? name : queue;
  const faults = checkName(bears, "queue", 'write: queue: "audit"');
  if (faults.length > 0) return faults;
  if (settings.rate !== false && settings.rate.scope === "cluster" && tooLong(bears + maxRing)) {
    return [noRoom(".rate.<limit>.<per>.<burst>.spent", 'scope: "process"')];
  }
  if (settings.sharding !== undefined && tooLong(`${bears}.latest.00`)) {
    return [noRoom(".<shard>.<n>", `no '${shardingOption(settings.sharding)}'`)];
  }
  if (trigger.kind === "rpc") return [];
  const more = queue === "" ? temporaryQueue : settings.queueType === "quorum" ? withPriority : "";
  if (settings.retry !== false && tooLong(bears + maxRetry + more)) {
    return [noRoom(".retry.<ms>", "retry: false")];
  }
  if (settings.deadLetter && tooLong(`${bears}.dead`)) return [noRoom(".dead", "deadLetter: false")];
  return trigger.kind === "schedule" && tooLong(`${bears}.schedule`)
    ? [noRoom(".schedule", 'queue: "report"')]
    : [];
}

function noRoom(ending: string, without: string): TriggerFault {
  return {
    message: `The queue's name leaves no room for '${ending}' in AMQP's 255 bytes`,
    fix: `shorten it, or write: ${without}`,
  };
}

/** Settings that are right one by one, but not together or not for this trigger. `said` holds those that were written. */
export function checkTogether(trigger: Trigger, said: Layer, settings: Resolved): TriggerFault[] {
  const faults: TriggerFault[] = [];
  const refuse = (message: string, fix: string) => faults.push({ message, fix });
  const namesQueue = trigger.kind === "queue" || trigger.kind === "rpc";
  const hasExchange = !namesQueue && trigger.kind !== "schedule";

  if (settings.ack === "none" && said.retry) {
    refuse(
      `Option 'ack: "none"' and 'retry' cannot be combined: the broker has forgotten the message by the time it fails`,
      `remove 'retry', or write: ack: "auto"`,
    );
  }
  if (trigger.kind === "rpc" && settings.ack === "manual") {
    refuse(
      "Option 'ack: \"manual\"' does not go with an rpc: its reply is what settles the request",
      "remove 'ack'",
    );
  }
  const { timeout, consumerTimeout } = settings;
  const isTooLong = timeout > consumerTimeout * 0.9 || maxRunMs(settings) > consumerTimeout * 0.95;
  if (settings.ack !== "none" && isTooLong) {
    refuse(
      `Option 'timeout' of ${settings.timeout} ms is not within the broker's own ${settings.consumerTimeout} ms ` +
        "for an unacknowledged message, after which it takes the message away",
      "write a shorter timeout, or raise consumer_timeout at the broker and 'consumerTimeout' in deploy.config.ts",
    );
  }
  if (settings.setup !== undefined && maxRunMs(settings) + settings.setupTimeout > consumerTimeout * 0.95) {
    refuse(
      `Option 'setupTimeout' of ${settings.setupTimeout} ms and 'timeout' of ${timeout} ms are together not within the ` +
        `broker's own ${consumerTimeout} ms for an unacknowledged message, which may wait for both`,
      "write shorter ones, or raise consumer_timeout at the broker and 'consumerTimeout' in deploy.config.ts",
    );
  }
  if (trigger.kind === "rpc" && said.retry) {
    refuse("Option 'retry' has no effect on an rpc: its caller gets the error and decides", "remove 'retry'");
  }
  if (trigger.kind === "rpc" && said.onExhausted) {
    refuse("Option 'onExhausted' has no effect on an rpc: its caller gets the error", "remove 'onExhausted'");
  }
  if (settings.pause !== false && settings.pause.failures > settings.pause.of) {
    const { failures, of } = settings.pause;
    refuse(
      `Option 'pause' waits for ${failures} failures of ${of} runs, which never come`,
      "write no more failures than runs, as: pause: { failures: 15, of: 20 }",
    );
  }
  faults.push(...checkRate(settings));
  faults.push(...checkSharding(trigger, said, settings));
  if (said.dedupe && (trigger.kind === "rpc" || settings.ack !== "auto")) {
    refuse(
      trigger.kind === "rpc"
        ? "Option 'dedupe' does not go with an rpc: each request needs its reply"
        : `Option 'dedupe' needs ack: "auto": what was handled is known by the run's outcome`,
      "remove 'dedupe'",
    );
  }
  faults.push(...checkDedupe(settings.dedupe));
  if (settings.queueType === "quorum" && !settings.durable) {
    refuse("Option 'queueType: \"quorum\"' needs a durable queue", "remove 'durable: false'");
  }
  if (settings.queueType === "quorum" && settings.exclusive) {
    refuse("Option 'queueType: \"quorum\"' cannot be exclusive", "remove 'exclusive', or the queue type");
  }
  if (settings.maxPriority !== undefined && "x-max-priority" in settings.arguments) {
    refuse("Option 'maxPriority' and the argument 'x-max-priority' say the same", "remove the argument");
  }
  if (
    settings.queueType === "quorum" &&
    (settings.maxPriority ?? settings.arguments["x-max-priority"]) !== undefined
  ) {
    refuse(
      "A quorum queue has no 'maxPriority': RabbitMQ 4 gives it priorities without being asked, and 3.10 has none",
      "remove 'maxPriority', or 'queueType: \"quorum\"'",
    );
  }
  if (settings.queue !== undefined && namesQueue) {
    refuse(
      `Option 'queue' names an exchange trigger's own queue; ${trigger.kind}(…) takes its queue's name first`,
      trigger.kind === "rpc" ? 'write: rpc("name", handler)' : 'write: queue("name", handler)',
    );
  }
  if (settings.queue !== undefined && !namesQueue && settings.exclusive) {
    refuse(
      "Option 'exclusive' asks for a queue the broker names, and 'queue' names one",
      "remove one of the two",
    );
  }
  if (settings.declare === "passive" && settings.exclusive) {
    refuse(
      `Option 'declare: "passive"' checks a queue of others', and 'exclusive' asks for one of its own`,
      "remove one of the two",
    );
  }
  if (said.exchange && !hasExchange) {
    refuse(
      `Option 'exchange' says how an exchange trigger's own is declared; ${trigger.kind}(…) has none`,
      "remove 'exchange'",
    );
  }
  if (said.exchanges) {
    const own = new Set(sourcesOf(trigger).map(({ exchange }) => exchange));
    for (const name of Object.keys(said.exchanges)) {
      if (own.has(name)) continue;
      refuse(
        `Option 'exchanges' names '${name}', which is no exchange of the trigger${
          didYouMean(name, [...own])
        }`,
        own.size === 0 ? "remove 'exchanges'" : `name one of: ${[...own].join(", ")}`,
      );
    }
  }
  if ("x-queue-type" in settings.arguments) {
    const type = settings.arguments["x-queue-type"] === "stream" ? "stream" : "quorum";
    refuse("Argument 'x-queue-type' is set by the option 'queueType'", `write: queueType: "${type}"`);
  }
  return [
    ...faults,
    ...checkStream(trigger, said, settings),
    ...trigger.kind === "schedule" ? [] : checkBatch(trigger, said, settings),
    ...checkScheduleSettings(trigger, said, settings),
    ...checkArguments(settings.arguments),
    ...checkExchanges(trigger, settings),
  ];
}

function checkDedupe(dedupe: Resolved["dedupe"]): TriggerFault[] {
  if (dedupe === false || dedupe.store === "redis" || dedupe.store === "postgres") return [];
  return (["env", "onStoreDown"] as const).filter((option) => dedupe[option] !== undefined).map((option) => ({
    message: `Option 'dedupe.${option}' is about a store that replicas share, and the ids are remembered ${
      dedupe.store === "disk" ? "on the disk" : "in memory"
    }`,
    fix: `remove '${option}', or write: store: "redis"`,
  }));
}

function checkExchanges(
  trigger: Trigger,
  { exchange, exchanges = {}, emits = {} }: Resolved,
): TriggerFault[] {
  return [
    ...checkExchange(trigger, exchange, "exchange"),
    ...Object.entries(exchanges).flatMap(([name, one]) => checkExchange(trigger, one, `exchanges.${name}`)),
    ...Object.entries(emits).flatMap(([name, emitted]) => [
      ...checkName(name, "exchange", 'write: emits: { orders: "topic" }'),
      ...checkArguments(typeof emitted === "string" ? {} : emitted.arguments ?? {}),
    ]),
  ];
}

function checkExchange(trigger: Trigger, said: Resolved["exchange"], option: string): TriggerFault[] {
  const { type, arguments: args = {} } = said ?? {};
  const isPlain = type !== undefined && exchangeTypes.includes(type) && type !== trigger.kind;
  return [
    ...isPlain
      ? [{
        message: `Option '${option}.type' is "${type}" for a ${trigger.kind} trigger`,
        fix: `use the trigger of that type, ${type}(…), or a plugin's type, as "x-delayed-message"`,
      }]
      : [],
    ...checkArguments(args),
  ];
}

function checkArguments(args: Readonly<Record<string, unknown>>): TriggerFault[] {
  return Object.entries(args).flatMap(([name, value]) => {
    if (["string", "boolean"].includes(typeof value) || Number.isFinite(value)) return [];
    return [{
      message: `Argument '${name}' is ${shown(value)}`,
      fix: "give it a string, a number or a boolean",
    }];
  });
}
