import type { Event, LogLevel } from "../core/ports/events.ts";
import { printable, printableJson } from "../core/text/printable.ts";
import { dataJson, textOf, unreadable } from "./event_text.ts";

/** The log level of an event. */
export function levelOf(event: Event): LogLevel {
  switch (event.event) {
    case "log":
      return event.level;
    case "failed":
      return event.byCaller ? "info" : "error";
    case "problem":
    case "unavailable":
      return "error";
    case "connecting":
    case "disconnected":
    case "detached":
    case "dead-lettered":
    case "dropped":
    case "unanswered":
    case "expired":
    case "paused":
    case "held":
    case "retrying":
    case "host-ended":
    case "notice":
      return "warn";
    case "host-started":
    case "started":
      return "debug";
    case "unrouted":
      // Only the first one is shown; the others are counted.
      return event.count === 1 ? "info" : "debug";
    default:
      return "info";
  }
}

/** How log lines are written: for people, or for programs. */
export type LogFormat = "text" | "json";

/** One event as a line that begins with `time`; `undefined` if the banner shows it already. */
export function formatEvent(format: LogFormat, event: Event, time: string): string | undefined {
  return format === "json" ? formatJson(event, time) : formatText(event, time);
}

/**
 * One event as one line of JSON: `time`, `level`, `event`, then its own fields. Of its run it has the id, the attempt, and
 * the trace's id if there is one; never the message's body or headers.
 */
export function formatJson(event: Event, time: string): string {
  const run = "run" in event ? event.run : undefined;
  const line = run === undefined ? { time, level: levelOf(event), ...event } : {
    time,
    level: levelOf(event),
    ...event,
    run: run.id,
    attempt: run.attempt,
    traceId: run.traceId,
  };
  // Only what a handler logs may be something that JSON cannot hold.
  if (event.event !== "log" || event.data === undefined) return printableJson(JSON.stringify(line));
  return printableJson(dataJson(line) ?? JSON.stringify({ ...line, data: unreadable }));
}

/** One event as one line for people; `undefined` if the banner shows it already. */
export function formatText(event: Event, time: string): string | undefined {
  const text = textOf(event);
  if (text === undefined) return undefined;
  if (!text.includes("\n")) return `${time} ${printable(text)}`;
  // A stack's frames are put below the line, indented, so that they cannot look like a line of the log.
  const [line, ...frames] = text.split(/\r?\n(?=\s+at )/);
  const below = frames.map((frame) => `\n${indent}${printable(frame.trim())}`);
  return `${time} ${printable(line!)}${below.join("")}`;
}

const indent = " ".repeat("00:00:00 │ ".length);
