import { tickFields, timeText } from "../../core/schedule/tick.ts";

/** What the queue of a schedule remembers. Times are milliseconds since the epoch. */
export interface LastTick {
  /** Ticks up to this time are done with: sent, or skipped. */
  readonly at: number;
  /** The time of the last tick that was sent; missing before the first one. */
  readonly sent?: number;
  /** The recurrence that it belongs to. */
  readonly recurrence: string;
  /** Whether it only says since when a runtime is there. Whatever else is remembered counts more. */
  readonly beginning?: true;
}

/** A last tick as the body of a message of its own. */
export function lastTickBody({ at, sent, recurrence, beginning }: LastTick) {
  return {
    at: timeText(at),
    ...sent === undefined ? {} : { sent: timeText(sent) },
    recurrence,
    ...beginning ? { beginning } : {},
  };
}

/** The last tick in the body of a message: of its own, or of a tick that was sent. `undefined` if there is none. */
export function lastTickIn(body: Uint8Array): LastTick | undefined {
  const fields = tickFields(body);
  const { recurrence, manual, beginning } = fields;
  const at = timeIn(fields.at);
  if (at === undefined || typeof recurrence !== "string") return undefined;
  const sent = manual === false ? at : timeIn(fields.sent);
  return {
    at,
    ...sent === undefined ? {} : { sent },
    recurrence,
    ...beginning === true ? { beginning } : {},
  };
}

/** Whether `next` counts more than `known`: the later of two ticks, and the earlier of two beginnings. */
export function countsMore(next: LastTick, known: LastTick): boolean {
  if (next.beginning !== known.beginning) return known.beginning === true;
  return next.beginning ? next.at < known.at : next.at >= known.at;
}

function timeIn(value: unknown): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
