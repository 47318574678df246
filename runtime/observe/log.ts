import { describeProblem } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import { ownFolder } from "../core/own_files.ts";
import type { Event, LogLevel } from "../core/ports/events.ts";
import { printable, printableJson } from "../core/text/printable.ts";

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

/** One event as a line; `undefined` if the banner shows it already. */
export function formatEvent(format: LogFormat, event: Event, now: Date): string | undefined {
  return format === "json" ? formatJson(event, now) : formatText(event, now);
}

/** One event as one line of JSON: `time`, `level`, `event`, then its own fields; of its run the id, and its trace's. */
export function formatJson(event: Event, now: Date): string {
  const traceId = "run" in event ? event.run?.traceId : undefined;
  const line = { time: now.toISOString(), level: levelOf(event), ...event, traceId };
  return printableJson(toJson(line) ?? toJson({ ...line, data: unreadable })!);
}

/** One event as a line for people; `undefined` if the banner shows it already. */
export function formatText(event: Event, now: Date): string | undefined {
  const text = textOf(event);
  if (text === undefined) return undefined;
  // A stack's frames are put below the line, indented, so that they cannot look like a line of the log.
  const [line, ...frames] = text.split(/\r?\n(?=\s+at )/);
  const below = frames.map((frame) => `\n${indent}${printable(frame.trim())}`);
  return `${now.toTimeString().slice(0, 8)} ${printable(line!)}${below.join("")}`;
}

const indent = " ".repeat("00:00:00 │ ".length);

function textOf(event: Event): string | undefined {
  switch (event.event) {
    case "connecting":
      if (event.connection !== "consumers") return undefined;
      if (event.refused !== undefined) {
        return `✗ ${event.broker} refuses the connection: ${event.error}; next try in ${event.retryMs} ms`;
      }
      return `… no connection to ${event.broker}: ${event.error}; next try in ${event.retryMs} ms`;
    case "connected":
      return event.connection !== "consumers" ? undefined : `● connected to ${event.broker}`;
    case "disconnected":
      return `✗ connection of the ${event.connection} to ${event.broker} lost: ${event.error}`;
    case "attached":
      return `+ ${event.function} attached (queue ${event.queue})`;
    case "detached":
      return `✗ ${event.function} is not attached: ${event.error}; next try in ${event.retryMs} ms`;
    case "problem":
      return `✗ ${describeProblem(event)}`;
    case "notice":
      return `! ${event.message}`;
    case "handled":
      return `✓ ${event.function} ${event.ms} ms attempt ${event.attempt} ${event.messageId}`;
    case "failed":
      return `${
        event.byCaller ? "!" : "✗"
      } ${event.function} ${event.ms} ms attempt ${event.attempt} ${event.messageId} ${event.error}${
        event.at === undefined ? "" : ` (${event.at})`
      }${framesOf(event.stack)}`;
    case "expired":
      return `! ${event.function} not run, because it waited longer than its sender allows ${event.messageId}`;
    case "duplicate":
      return `= ${event.function} not run, because its id was handled before ${event.messageId}`;
    case "paused":
      return `‖ ${event.function} paused, because its runs keep failing; tries one message in ${event.probeMs} ms`;
    case "resumed":
      return `▶ ${event.function} resumed`;
    case "held":
      return `‖ ${event.function} paused by an operator`;
    case "released":
      return `▶ ${event.function} resumed by an operator`;
    case "unavailable":
      return `✗ ${event.function} cannot run: ${event.error}; next try in ${event.retryMs} ms`;
    case "available":
      return `▶ ${event.function} can run again`;
    case "retrying":
      return `↻ ${event.function} again in ${event.retryMs} ms ${event.messageId}`;
    case "dead-lettered":
      return `✗ ${event.function} moved to ${event.queue} ${event.messageId}`;
    case "dropped":
      return `✗ ${event.function} dropped ${event.messageId}: ${event.error}`;
    case "unanswered":
      return `! ${event.function} could not reply ${event.messageId}: ${event.error}`;
    case "unrouted":
      return `! ${event.function} published '${event.routingKey}' to ${
        event.exchange === "" ? "the default exchange" : `exchange '${event.exchange}'`
      }, and no queue took it${
        event.count === 1 ? "; more of them are only counted" : ` (${event.count} so far)`
      }`;
    case "log":
      return `${levelMark[event.level]} ${event.function} ${logged(event)}`;
    case "deployed":
      return `+ ${event.function} deployed (queue ${event.queue || "temporary"}) in ${event.ms} ms`;
    case "removed":
      return `- ${event.function} removed${
        event.queue === "" ? "" : ` (queue ${event.queue} stays, with its bindings)`
      }`;
    case "host-started":
      return `+ ${event.function}'s process started in ${event.ms} ms`;
    case "host-ended":
      return `✗ ${event.function}'s process ${event.how}`;
    case "ready":
    case "started":
      return undefined;
    case "draining":
      return `stopping: ${event.inFlight} in flight`;
    case "drained":
      return `stopped: ${event.finished} finished, ${event.putBack} put back, ${event.seconds} s`;
  }
}

const levelMark: Record<LogLevel, string> = { debug: "·", info: "│", warn: "!", error: "✗" };

// The id is at the end of the line; the stack's frames follow below.
function logged({ message, data, messageId }: Event & { readonly event: "log" }): string {
  const [, first = "", frames = ""] = /^(.*?)((?:\r?\n\s+at .*)*)$/s.exec(message) ?? [];
  return `${first}${dataOf(data)}${messageId === undefined ? "" : ` ${messageId}`}${frames}`;
}

// Only frames of the user's files: those of Deno, Node and the runtime would not help the author of a function.
const maxFrames = 5;

function framesOf(stack: string | undefined): string {
  const frames =
    stack?.split("\n").filter((line) => /^\s+at .*file:/.test(line) && !line.includes(ownFolder.href)) ?? [];
  return frames.slice(0, maxFrames).map((frame) => `\n  ${frame.trim()}`).join("");
}

function dataOf(data: Readonly<Record<string, unknown>> | undefined): string {
  return data === undefined ? "" : ` ${toJson(data) ?? unreadable}`;
}

const unreadable = "(data that JSON cannot hold)";

// A handler may log anything; it must not fail because of that.
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, part) => {
      if (typeof part === "bigint") return String(part);
      return part instanceof Error ? describeError(part) : part;
    });
  } catch {
    return undefined;
  }
}
