import { lineTime } from "../../observe/line_time.ts";
import type { RunDetail, RunSummary, RunsView } from "../../observe/api/views.ts";
import { table } from "../output.ts";
import { lineText, loggedLine } from "./kept_lines.ts";
import { contentSections, originOf, section } from "./message_text.ts";

/** Runs as a table; without any, why there are none. */
export function runTable({ runs, next, kept }: RunsView): string {
  if (runs.length === 0 && kept.runs === 0) return "No run is kept yet";
  if (runs.length === 0) return `None of the ${count(kept.runs)} kept runs is one of these`;
  const rows = runs.map((run) => [
    time(run.queued),
    run.status,
    run.function,
    run.id,
    originOf(run),
    run.ms === undefined ? "-" : `${run.ms} ms`,
    `${run.attempt}`,
    cut(run.error ?? ""),
  ]);
  const heading = ["QUEUED", "STATUS", "FUNCTION", "RUN", "TRIGGER", "DURATION", "ATTEMPT", "ERROR"];
  const more = next === undefined ? [] : ["There are more: see them with a higher --limit"];
  return [table([heading, ...rows]), ...more].join("\n");
}

/** All that is kept of a run. */
export function runReport(run: RunDetail): string {
  const { deadLetterQueue, started, ms } = run;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Run", run.id],
    ["Function", run.function],
    ["Status", deadLetterQueue === undefined ? run.status : `${run.status}, in ${deadLetterQueue}`],
    ["Message", `${run.messageId}, attempt ${run.attempt}`],
    ["Trigger", originOf(run)],
    ["Queued", time(run.queued)],
    ["Started", started === undefined ? undefined : time(started)],
    ["Duration", ms === undefined ? undefined : `${ms} ms`],
    ["Trace", run.traceId],
    ["Error", run.error],
    ["At", run.at],
  ];
  const known = facts.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]);
  const hidden = "Its message, lines and stack are hidden without the token: give HOPPER_ADMIN_TOKEN";
  return [
    table(known),
    ...attemptsOf(run),
    ...linesOf(run),
    ...run.stack === undefined ? [] : [section("Stack", run.stack)],
    ...run.hidden ? [hidden] : contentSections(run),
  ].join("\n\n");
}

function attemptsOf({ attempts, id }: RunDetail): string[] {
  if (attempts.length < 2) return [];
  const rows = attempts.map((run: RunSummary) => [
    `${run.attempt}`,
    run.id === id ? `${run.id} (this)` : run.id,
    time(run.queued),
    run.status,
    cut(run.error ?? ""),
  ]);
  return [section("Attempts", table(rows))];
}

function linesOf({ lines, linesLost, ...run }: RunDetail): string[] {
  const texts = lines.map((line) => lineText(loggedLine(run, line), lineTime("time")));
  const lost = linesLost === 0 ? [] : [`(${count(linesLost)} more were not kept)`];
  return texts.length + lost.length === 0 ? [] : [section("Lines", [...texts, ...lost].join("\n"))];
}

const withDate = lineTime("date");

function time(text: string): string {
  return withDate(Date.parse(text));
}

function count(value: number): string {
  return value.toLocaleString("en");
}

const maxError = 100;

function cut(error: string): string {
  return error.length <= maxError ? error : `${error.slice(0, maxError - 1)}…`;
}
