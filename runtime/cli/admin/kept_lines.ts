import { type Event, type LogLevel, logLevels } from "../../core/ports/events.ts";
import type { LineView, RunDetail, RunSummary } from "../../observe/api/views.ts";
import type { LineTime } from "../../observe/line_time.ts";
import { formatText, levelOf } from "../../observe/log.ts";

/** A line of `--log json`, as an object. */
export interface LoggedLine {
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A line without what it begins with. */
type Bare = { readonly event: string; readonly [field: string]: unknown };

/** What a run wrote, and a last line that says how it ended. */
export function linesOfRun(run: RunDetail): LoggedLine[] {
  const end = endOf(run);
  return [
    ...run.lines.map((line) => loggedLine(run, line)),
    ...end === undefined ? [] : [{ time: run.ended ?? run.queued, level: levelOf(eventOf(end)), ...end }],
  ];
}

/** A line that a run wrote. */
export function loggedLine(run: RunSummary, { time, level, message, data }: LineView): LoggedLine {
  return { time, level, event: "log", ...bearings(run), message, data };
}

/** A line as text for people; `undefined` if people are shown nothing of it. */
export function lineText(line: LoggedLine, time: LineTime): string | undefined {
  return formatText(eventOf(line), time(Date.parse(line.time)));
}

/** Whether a line is of this level or a more important one. */
export function isOfLevel({ level }: LoggedLine, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}

/** What every line of a run bears. */
function bearings({ function: name, messageId, id, attempt, traceId }: RunSummary) {
  return { function: name, messageId, run: id, attempt, traceId };
}

/** The last event of a run, as far as it is kept; `undefined` while it runs. */
function endOf(run: RunDetail): Bare | undefined {
  const about = { ...bearings(run), ms: run.ms ?? 0 };
  switch (run.status) {
    case "running":
      return undefined;
    case "ok":
      return { event: "handled", ...about };
    case "duplicate":
    case "expired":
      return { event: run.status, ...about };
    case "failed":
    case "retrying":
    case "dead":
      return { event: "failed", ...about, error: run.error ?? run.status, at: run.at, stack: run.stack };
  }
}

/** The event that a line was made from, as far as lines are made from it. */
function eventOf(line: Bare): Event {
  const { run: id, attempt, traceId } = line;
  return { ...line, run: id === undefined ? undefined : { id, attempt, traceId } } as unknown as Event;
}
