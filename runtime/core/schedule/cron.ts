import type { Cron } from "croner";
import { describeError } from "../api/errors.ts";
import {
  isInterval,
  readInterval,
  type ReadRecurrence,
  type Recurrence,
  type RecurrenceFault,
  scheduleForm,
} from "./recurrence.ts";

/** Loads the reader of schedules, and with it croner. */
export async function loadRecurrences(): Promise<ReadRecurrence> {
  const { Cron } = await import("croner");
  return (expression, timezone) =>
    isInterval(expression) ? readInterval(expression) : readCron(Cron, expression.trim(), timezone);
}

const nicknames = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

function readCron(
  Job: typeof Cron,
  line: string,
  timezone: string,
): Recurrence | RecurrenceFault {
  const unknown = unknownForm(line);
  if (unknown !== undefined) return unknown;
  let job: Cron;
  try {
    job = new Job(line, { timezone, paused: true, mode: "5-or-6-parts" });
    job.nextRun(new Date(0));
  } catch (error) {
    const why = describeError(error).replace(/^\w*Error: (?:\w+: )?/, "");
    return { message: `'${line}' is not a cron line: ${why}`, fix: fieldsForm };
  }
  const next = (after: number) => job.nextRun(new Date(after))?.getTime();
  if (next(Date.now()) === undefined) {
    return {
      message: `'${line}' never comes: no day has that date`,
      fix: 'write a day that the month has, or L for its last day, as in "0 3 L 2 *"',
    };
  }
  return { text: `${line} ${timezone}`, next, latest: latestOf(job, next) };
}

const fieldsForm =
  'write five fields: minute, hour, day of the month, month, day of the week, as in "0 3 * * 1-5"; a sixth, before ' +
  "them, is the second";

/** croner reads more than cron lines, such as a date, which fires once. */
function unknownForm(line: string): RecurrenceFault | undefined {
  if (line.startsWith("@")) {
    if (nicknames.includes(line.toLowerCase())) return undefined;
    return { message: `'${line}' is none of ${nicknames.join(", ")}`, fix: scheduleForm };
  }
  const fields = line.split(/\s+/);
  if (fields.length === 5 || fields.length === 6) return undefined;
  const found = line === "" ? "is empty" : `has ${fields.length} field${fields.length === 1 ? "" : "s"}`;
  return { message: `'${line}' is not a cron line: it ${found}`, fix: fieldsForm };
}

function latestOf(job: Cron, next: Recurrence["next"]): Recurrence["latest"] {
  return (count, after, until) => {
    const times: number[] = [];
    for (let at = next(after); at !== undefined && at <= until; at = next(at)) {
      // There may be many more, of a year perhaps: they are counted from the other end.
      if (times.length === fewTimes) return backwards(job, count, until).filter((time) => time > after);
      times.push(at);
    }
    return times.slice(-count);
  };
}

const fewTimes = 20;

/** The latest times, the oldest first. */
function backwards(job: Cron, count: number, until: number): readonly number[] {
  return job.previousRuns(count, new Date(until + 1)).map((date) => date.getTime()).toSorted((a, b) => a - b);
}
