import { retryDelay } from "../../core/settings/retry.ts";
import { maxRunMs } from "../../core/settings/run_limits.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import type { Trigger } from "../../core/api/trigger.ts";
import type { TriggerFault } from "./trigger.ts";

/** What is wrong with how a function's messages are spread by key, together with its other settings. */
export function checkSharding(trigger: Trigger, keyed: boolean, settings: Resolved): TriggerFault[] {
  const { sharding, ack, batch, exclusive, declare, maxPriority } = settings;
  if (sharding === undefined) return [];
  const option = sharding.inOrder ? "order" : "concurrency.key";
  const fix = `remove '${option}'`;
  const faults: TriggerFault[] = [];
  const refuse = (message: string, instead = fix) => faults.push({ message, fix: instead });
  if (sharding.inOrder && keyed) {
    refuse(
      "Options 'order' and 'concurrency' by key cannot be combined: with 'order' one message of a key runs at a time",
      "remove one of the two, or write 'concurrency' as a number",
    );
  }
  if (trigger.kind === "rpc") refuse(`Option '${option}' does not go with an rpc, whose caller waits`);
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
  if (sharding.inOrder) faults.push(...checkPlace(settings));
  return faults;
}

/** Where order counts, all runs of a message and the waits between them have to fit into the time it may be here. */
function checkPlace(settings: Resolved): TriggerFault[] {
  const { retry, consumerTimeout } = settings;
  if (retry === false) return [];
  const waits = Array.from({ length: retry.attempts - 1 }, (_, i) => retryDelay(i + 1, retry));
  const all = waits.reduce((sum, ms) => sum + ms, 0) + retry.attempts * maxRunMs(settings);
  if (all <= consumerTimeout * 0.95) return [];
  return [{
    message:
      `Option 'order' keeps a failed message in its place, and its ${retry.attempts} runs and the waits between ` +
      `them may take ${all} ms, which is not within the broker's own ${consumerTimeout} ms for an unacknowledged message`,
    fix:
      "write fewer attempts, shorter waits or a shorter 'timeout', as: retry: { attempts: 3, delay: \"1s\" }",
  }];
}
