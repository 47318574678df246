import type { Declared } from "../declared.ts";

/** The queue that a function consumes; `""` where the broker chooses the name. */
export function queueName({ name, trigger, settings }: Declared): string {
  // A stream is read by many; what comes back to one of them is in a queue of its own.
  if (settings.queueType === "stream" && trigger.kind === "queue") return `${trigger.queue}.${name}`;
  if (trigger.kind === "queue") return trigger.queue;
  if (trigger.kind === "rpc") return trigger.name;
  return settings.exclusive ? "" : settings.queue ?? name;
}

/** The queue that keeps a schedule's last tick, and the exchange that takes each tick there and to its own queue. */
export function scheduleName(declared: Declared): string {
  return `${queueName(declared)}.schedule`;
}
