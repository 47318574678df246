import type { Declared } from "../declared.ts";

/** The queue that a function consumes; `""` where the broker chooses the name. */
export function queueName({ name, trigger, settings }: Declared): string {
  if (trigger.kind === "queue") return trigger.queue;
  if (trigger.kind === "rpc") return trigger.name;
  return settings.exclusive ? "" : settings.queue ?? name;
}
