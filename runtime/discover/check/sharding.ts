import { type Sharding, shardingOption } from "../../core/settings/shard_settings.ts";
import { retryDelay } from "../../core/settings/retry.ts";
import { maxRunMs } from "../../core/settings/run_limits.ts";
import type { Layer, Resolved } from "../../core/settings/settings.ts";
import type { Trigger } from "../../core/api/trigger.ts";
import type { TriggerFault } from "./trigger.ts";

/** What is wrong with how a function's messages are spread by key, together with its other settings. */
export function checkSharding(trigger: Trigger, said: Layer, settings: Resolved): TriggerFault[] {
  const { sharding, ack, batch, exclusive, declare, maxPriority } = settings;
  if (sharding === undefined) return [];
  const option = shardingOption(sharding);
  const fix = `remove '${option}'`;
  const faults: TriggerFault[] = [];
  const refuse = (message: string, instead = fix) => faults.push({ message, fix: instead });
  const other = keyedOptions(said).find((one) => one !== option);
  if (other !== undefined) {
    refuse(
      `Options '${option}' and '${other}' cannot be combined: each of them says which messages of a key run, and when`,
      other === "concurrency.key"
        ? "remove one of the two, or write 'concurrency' as a number"
        : "remove one of the two",
    );
  }
  if (trigger.kind === "rpc") refuse(`Option '${option}' does not go with an rpc, whose caller waits`);
  if (trigger.kind === "schedule") {
    refuse(`Option '${option}' does not go with a schedule: its ticks have no key`);
  }
  if (ack !== "auto") {
    refuse(
      `Option '${option}' needs ack: "auto": the next message of a key comes when a run has ended`,
      `remove 'ack', or '${option}'`,
    );
  }
  if (batch !== undefined) {
    refuse(
      `Option '${option}' and 'batch' cannot be combined: a run of several messages has several keys`,
      "remove one of the two",
    );
  }
  if (maxPriority !== undefined) {
    refuse(
      `Option '${option}' moves messages on in the order in which they came, which 'maxPriority' would change`,
      "remove one of the two",
    );
  }
  if (exclusive) {
    refuse(
      `Option '${option}' moves messages to queues that all runtimes share, and 'exclusive' asks for a queue for each`,
      "remove one of the two",
    );
  }
  if (declare === "passive") {
    refuse(
      `Option '${option}' needs queues of its own, and with declare: "passive" Hopper declares none`,
      "remove one of the two",
    );
  }
  if (sharding.inOrder) faults.push(...checkPlace(settings, sharding));
  return faults;
}

/** The options that spread messages by key, of those that were written. */
function keyedOptions({ order, debounce, throttle, concurrency }: Layer): string[] {
  const written = { order, debounce, throttle, "concurrency.key": typeof concurrency === "object" };
  return Object.entries(written).filter(([, value]) => value).map(([option]) => option);
}

/**
 * Where order counts, all runs of a message and the waits between them have to fit into the time it may be here; and of
 * the latest message of a key also its wait for others, and the run before it.
 */
function checkPlace(settings: Resolved, { latest }: Sharding): TriggerFault[] {
  const { retry, consumerTimeout } = settings;
  const run = maxRunMs(settings);
  const attempts = retry === false ? 1 : retry.attempts;
  const waits = retry === false
    ? 0
    : Array.from({ length: attempts - 1 }, (_, i) => retryDelay(i + 1, retry)).reduce(
      (sum, ms) => sum + ms,
      0,
    );
  const all = (latest ? latest.ms + run : 0) + waits + attempts * run;
  if (all <= consumerTimeout * 0.95) return [];
  const what = latest
    ? `'${latest.kind}' holds a message until it is the latest, and that, its ${attempts} runs and the waits between them`
    : `'order' keeps a failed message in its place, and its ${attempts} runs and the waits between them`;
  return [{
    message:
      `Option ${what} may take ${all} ms, which is not within the broker's own ${consumerTimeout} ms for an ` +
      "unacknowledged message",
    fix:
      `write ${
        latest ? `a shorter '${latest.kind}', ` : ""
      }fewer attempts, shorter waits or a shorter 'timeout', as: ` +
      'retry: { attempts: 3, delay: "1s" }',
  }];
}
