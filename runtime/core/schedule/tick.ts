import type { Tick } from "../api/schedule.ts";
import type { SchemaResult, StandardSchema } from "../api/schema.ts";
import { isRecord } from "../values.ts";

/** A tick as it is sent. Times are ISO 8601 in UTC. */
export interface TickBody {
  readonly at: string;
  readonly previous?: string;
  readonly manual: boolean;
  /** The recurrence by which it was due. */
  readonly recurrence?: string;
}

/** The tick that is due at a time; times are milliseconds since the epoch. */
export function dueTick(at: number, previous: number | undefined, recurrence: string): TickBody {
  return {
    at: timeText(at),
    ...previous === undefined ? {} : { previous: timeText(previous) },
    manual: false,
    recurrence,
  };
}

/** When the tick in a body was due; `undefined` if it was fired by hand, or is none. */
export function dueIn(body: Uint8Array): number | undefined {
  const { at, manual } = tickFields(body);
  return manual === false ? dateIn(at)?.getTime() : undefined;
}

// What is longer is no tick.
const maxBody = 2_000;

/** What the JSON of a short body has. */
export function tickFields(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.length > maxBody) return {};
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(body));
    return isRecord(fields) ? fields : {};
  } catch {
    return {};
  }
}

/** A tick that somebody fires by hand, now. */
export function manualTick(now: number = Date.now()): TickBody {
  return { at: timeText(now), manual: true };
}

/** A time as text, `2026-11-29T03:00:00Z`; milliseconds only where there are some. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** The vendor of the schema that each schedule has as its `input`. */
export const tickVendor = "hopper tick";

/** Reads a tick, with its times as dates. */
export const tickSchema: StandardSchema<unknown, Tick> = {
  "~standard": { version: 1, vendor: tickVendor, validate: readTick },
};

function readTick(value: unknown): SchemaResult<Tick> {
  const { at, previous, manual } = isRecord(value) ? value : {};
  const [due, before] = [dateIn(at), dateIn(previous)];
  if (due === undefined || (previous !== undefined && before === undefined) || typeof manual !== "boolean") {
    const message = 'Expected a tick, such as { "at": "2026-11-29T03:00:00Z", "manual": true }; ' +
      "'hopper fire NAME' sends one";
    return { issues: [{ message }] };
  }
  return { value: { at: due, ...before === undefined ? {} : { previous: before }, manual } };
}

function dateIn(value: unknown): Date | undefined {
  if (typeof value !== "string") return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
