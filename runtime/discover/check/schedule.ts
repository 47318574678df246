import type { Trigger } from "../../core/api/trigger.ts";
import { isInterval, type ReadRecurrence, type Recurrence } from "../../core/schedule/recurrence.ts";
import { tickVendor } from "../../core/schedule/tick.ts";
import type { Layer, Resolved } from "../../core/settings/settings.ts";
import type { TriggerFault } from "./trigger.ts";

/** When a schedule is due, or what is wrong with its expression; nothing for other triggers. */
export function readSchedule(
  trigger: Trigger,
  { timezone }: Resolved,
  read: ReadRecurrence | undefined,
): { readonly recurrence?: Recurrence; readonly faults: readonly TriggerFault[] } {
  if (trigger.kind !== "schedule") return { faults: [] };
  const found = read!(trigger.expression, timezone);
  return "next" in found ? { recurrence: found, faults: [] } : { faults: [found] };
}

/** Unless its ticks may overlap, a schedule has one run at a time: one process, one message. */
export function oneAtATime(settings: Resolved): Resolved {
  return settings.overlap ? settings : { ...settings, prefetch: 1, concurrency: 1, instances: 1 };
}

/** Settings that only a schedule has. */
const only = ["timezone", "catchUp", "overlap"] as const;

/** What a schedule cannot do without: it keeps the last tick in a queue of its own. */
const refusals: readonly {
  readonly option: string;
  readonly isWrong: (settings: Resolved) => boolean;
  readonly why: string;
}[] = [
  { option: "ack", isWrong: ({ ack }) => ack === "none", why: "a tick whose runtime ends must be run again" },
  { option: "declare", isWrong: ({ declare }) => declare === "passive", why: "it declares its own queues" },
  { option: "exclusive", isWrong: ({ exclusive }) => exclusive, why: "all runtimes share its queue" },
  { option: "durable", isWrong: ({ durable }) => !durable, why: "its queues survive the broker" },
  { option: "batch", isWrong: ({ batch }) => batch !== undefined, why: "each tick is run by itself" },
  { option: "order", isWrong: ({ order }) => order !== undefined, why: "its ticks run one after the other" },
  { option: "debounce", isWrong: ({ debounce }) => debounce !== undefined, why: "a tick has no key" },
  { option: "throttle", isWrong: ({ throttle }) => throttle !== undefined, why: "a tick has no key" },
  { option: "concurrency", isWrong: ({ sharding }) => sharding?.inOrder === false, why: "a tick has no key" },
  { option: "codec", isWrong: ({ codec }) => codec !== undefined, why: "its handler gets a tick" },
  { option: "input", isWrong: ({ input }) => !isTickSchema(input), why: "its handler gets a tick" },
];

/** Settings that do not go with the trigger: those of a schedule elsewhere, and others with a schedule. */
export function checkScheduleSettings(trigger: Trigger, said: Layer, settings: Resolved): TriggerFault[] {
  if (trigger.kind !== "schedule") {
    return only.filter((option) => said[option] !== undefined).map((option) => ({
      message: `Option '${option}' is for a schedule, and this is a ${trigger.kind} trigger`,
      fix: `remove '${option}'`,
    }));
  }
  const wrong = refusals.filter(({ isWrong }) => isWrong(settings)).map(({ option, why }) => ({
    message: `Option '${option}' does not go with a schedule: ${why}`,
    fix: `remove '${option}'`,
  }));
  return [...wrong, ...checkZone(trigger.expression, said), ...checkOverlap(said, settings)];
}

function checkZone(expression: string, { timezone }: Layer): TriggerFault[] {
  if (timezone === undefined || !isInterval(expression)) return [];
  return [{
    message: `Option 'timezone' has no effect on '${expression}', which counts from 1970 in UTC`,
    fix: 'remove it, or write a cron line, as: schedule("0 3 * * *", { timezone: "Europe/Berlin" }, handler)',
  }];
}

function checkOverlap(said: Layer, { overlap }: Resolved): TriggerFault[] {
  if (overlap) return [];
  const several = ["prefetch", "concurrency", "instances"].filter((option) => Number(said[option] ?? 1) > 1);
  return several.map((option) => ({
    message: `Option '${option}' is more than 1, and the ticks of a schedule run one after the other`,
    fix: `remove '${option}', or write: overlap: true`,
  }));
}

function isTickSchema(input: unknown): boolean {
  if (input === undefined) return true;
  return (input as { "~standard"?: { vendor?: unknown } })["~standard"]?.vendor === tickVendor;
}
