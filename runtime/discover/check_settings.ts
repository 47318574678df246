import type { Layer, Resolved } from "../core/settings.ts";
import type { Trigger } from "../core/trigger.ts";
import { checkName, type TriggerFault } from "./check_trigger.ts";

/** Settings that are right one by one but not together, or not on this trigger. `said` is what was written out. */
export function checkTogether(trigger: Trigger, said: Layer, settings: Resolved): TriggerFault[] {
  const faults: TriggerFault[] = [];
  const refuse = (message: string, fix: string) => faults.push({ message, fix });
  const ownQueue = trigger.kind !== "queue" && trigger.kind !== "rpc";

  if (settings.ack === "none" && said.retry) {
    refuse(
      `Option 'ack: "none"' and 'retry' exclude each other: the broker has forgotten the message by the time it fails`,
      `remove 'retry', or write: ack: "auto"`,
    );
  }
  if (trigger.kind === "rpc" && said.retry) {
    refuse("Option 'retry' has no effect on an rpc: its caller gets the error and decides", "remove 'retry'");
  }
  if (settings.queueType === "quorum" && !settings.durable) {
    refuse("Option 'queueType: \"quorum\"' needs a durable queue", "remove 'durable: false'");
  }
  if (settings.queueType === "quorum" && settings.exclusive) {
    refuse("Option 'queueType: \"quorum\"' cannot be exclusive", "remove 'exclusive', or the queue type");
  }
  if (settings.queue !== undefined && !ownQueue) {
    refuse(
      `Option 'queue' names an exchange trigger's own queue; a ${trigger.kind} trigger names its queue first`,
      trigger.kind === "rpc" ? 'write: rpc("name", handler)' : 'write: queue("name", handler)',
    );
  }
  if (settings.queue !== undefined && ownQueue && settings.exclusive) {
    refuse(
      "Option 'exclusive' asks for a queue the broker names, and 'queue' names one",
      "remove one of the two",
    );
  }
  if (settings.queue !== undefined) {
    faults.push(...checkName(settings.queue, "queue", 'write: queue: "audit"'));
  }
  if ("x-queue-type" in settings.arguments) {
    refuse("Argument 'x-queue-type' is set by the option 'queueType'", 'write: queueType: "quorum"');
  }
  for (const [name, value] of Object.entries(settings.arguments)) {
    if (["string", "boolean"].includes(typeof value) || Number.isFinite(value)) continue;
    refuse(`Argument '${name}' is a ${typeof value}`, "give it a string, a number or a boolean");
  }
  return faults;
}
