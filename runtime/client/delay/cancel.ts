import { ArgumentError } from "../../core/api/errors.ts";
import { delayNames } from "../../core/ports/delayed.ts";
import { shown } from "../../core/text/shown.ts";
import type { Needed } from "./topology.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** An id for a message that is due at a time of `Date.now()`, which is a part of the id. */
export function newCancelId(due: number): string {
  return `${Math.round(due).toString(36)}.${crypto.randomUUID()}`;
}

/** When the message with this id is due. Throws an `ArgumentError` for what is no id. */
export function readCancelId(id: unknown): number {
  const [, due] =
    typeof id === "string" && /^([0-9a-z]{1,9})\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(id) ||
    [];
  if (due !== undefined) return parseInt(due, 36);
  throw new ArgumentError(
    `The id is ${
      shown(id)
    }; expected one that send returned for { cancel: true }, or hopper send --cancellable printed`,
  );
}

// Cancelled ids are kept until their messages must have come, in a queue for each period that drops them. The periods
// of what comes soon are short, so that the broker keeps few ids that are of no use any more. RabbitMQ's `x-expires` is
// at most 49 days.
const periods = [
  { name: "10m", ms: hour / 6, soonerThan: 2 * hour },
  { name: "6h", ms: 6 * hour, soonerThan: 2 * day },
  { name: "4d", ms: 4 * day, soonerThan: 40 * day },
] as const;
const lastPeriod = { name: "32d", ms: 32 * day };
const lastPeriods = 14;

// For what arrives late, because the broker was away or had too much to do.
const margin = hour;

/** A queue that drops the cancelled messages of one period. */
export interface Slot {
  readonly queue: string;
  /** The broker deletes it, with its ids, when nothing was cancelled in it for so many milliseconds; `undefined`: never. */
  readonly expires: number | undefined;
  /** Queues of past periods, which the broker does not delete by itself. */
  readonly over: readonly string[];
}

/** The slot for what is due at a time of `Date.now()`, now that it is `now`. */
export function cancelSlot(due: number, now: number): Slot {
  // Who cancels what is due already may still be in time, if it is late.
  const time = Math.max(due, now);
  const period = periods.find(({ soonerThan }) => time - now < soonerThan);
  if (period !== undefined) {
    const queue = slotName(period.name, Math.floor(time / period.ms));
    return { queue, expires: period.soonerThan + margin, over: [] };
  }
  const current = Math.floor(now / lastPeriod.ms);
  const over = Array.from(
    { length: lastPeriods },
    (_, i) => slotName(lastPeriod.name, current - 1 - lastPeriods + i),
  );
  return { queue: slotName(lastPeriod.name, Math.floor(time / lastPeriod.ms)), expires: undefined, over };
}

function slotName(period: string, number: number): string {
  return `${delayNames.start}.cancelled.${period}.${number}`;
}

/** What must be at the broker so that the message with this id is dropped in a slot. */
export function cancelledIn({ queue, expires, over }: Slot, id: string): Needed[] {
  return [{
    key: queue,
    declare: async (channel) => {
      for (const past of over) await channel.deleteQueue(past);
      const args = { "x-max-length": 0, ...expires === undefined ? {} : { "x-expires": expires } };
      await channel.declareQueue({
        name: queue,
        durable: true,
        exclusive: false,
        autoDelete: false,
        arguments: args,
      });
    },
  }, {
    key: `cancelled ${id}`,
    declare: (channel) => channel.bindQueue(queue, delayNames.gate, id, {}),
  }];
}
