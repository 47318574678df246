import { describeProblem } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import { ownFolder } from "../core/own_files.ts";
import type { Event, LogLevel } from "../core/ports/events.ts";
import type { ObservedRun } from "../core/ports/observed_run.ts";

/**
 * An event for people; `undefined` if the banner shows it already. A stack's frames are further lines, which begin with
 * spaces and `at`.
 */
export function textOf(event: Event): string | undefined {
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
      return `✓ ${event.function} ${event.ms} ms${
        batchOf(event)
      } attempt ${event.attempt} ${event.messageId}${traceOf(event)}`;
    case "failed":
      return `${event.byCaller ? "!" : "✗"} ${event.function} ${event.ms} ms${
        batchOf(event)
      } attempt ${event.attempt} ${event.messageId} ${event.error}${
        event.at === undefined ? "" : ` (${event.at})`
      } run ${event.run.id}${traceOf(event)}${framesOf(event.stack)}`;
    case "expired":
      return `! ${event.function} not run (it waited longer than its sender allows)${about(event)}`;
    case "duplicate":
      return `= ${event.function} not run (its id was handled before)${about(event)}`;
    case "superseded":
      return `= ${event.function} not run (a later message of its key has come)${about(event)}`;
    case "paused":
      return `‖ ${event.function} paused, because its runs keep failing; tries one message in ${event.probeMs} ms`;
    case "resumed":
      return `▶ ${event.function} resumed`;
    case "skipped":
      return `! ${event.function} skipped ${
        event.from === event.to ? `the tick of ${event.from}` : `the ticks from ${event.from} to ${event.to}`
      }: ${event.why}`;
    case "held":
      return `‖ ${event.function} paused by an operator`;
    case "released":
      return `▶ ${event.function} resumed by an operator`;
    case "unavailable":
      return `✗ ${event.function} cannot run: ${event.error}; next try in ${event.retryMs} ms`;
    case "available":
      return `▶ ${event.function} can run again`;
    case "retrying":
      return `↻ ${event.function} again in ${event.retryMs} ms, after${about(event)}`;
    case "dead-lettered":
      return `✗ ${event.function} moved to ${event.queue}, after${about(event)}`;
    case "dropped":
      return `✗ ${event.function} dropped (${event.error})${about(event)}`;
    case "unanswered":
      return `! ${event.function} could not reply (${event.error})${about(event)}`;
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

/** What of a log line's data is shown. Never throws, whatever a handler logs. */
export function dataJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, part) => {
      if (typeof part === "bigint") return String(part);
      return part instanceof Error ? describeError(part) : part;
    });
  } catch {
    return undefined;
  }
}

/** Stands for data that `dataJson` cannot write. */
export const unreadable = "(data that JSON cannot hold)";

const levelMark: Record<LogLevel, string> = { debug: "·", info: "│", warn: "!", error: "✗" };

/** What every line of a run bears: its attempt, its message's id, and its trace's if it has one. */
function about(event: { readonly run: ObservedRun; readonly messageId: string }): string {
  return ` attempt ${event.run.attempt} ${event.messageId}${traceOf(event)}`;
}

function batchOf({ batch }: { readonly batch?: number }): string {
  return batch === undefined ? "" : ` batch of ${batch}`;
}

function traceOf({ run: { traceId } }: { readonly run: ObservedRun }): string {
  return traceId === undefined ? "" : ` trace ${traceId}`;
}

// The ids are at the end of the line; the stack's frames follow below.
function logged({ message, data, messageId, run }: Event & { readonly event: "log" }): string {
  const [, first = "", frames = ""] = message.includes("\n")
    ? /^(.*?)((?:\r?\n\s+at .*)*)$/s.exec(message) ?? []
    : ["", message];
  const ids = run === undefined || messageId === undefined ? "" : about({ run, messageId });
  return `${first}${data === undefined ? "" : ` ${dataJson(data) ?? unreadable}`}${ids}${frames}`;
}

// Only frames of the user's files: those of Deno, Node and the runtime would not help the author of a function.
const maxFrames = 5;

function framesOf(stack: string | undefined): string {
  const frames =
    stack?.split("\n").filter((line) => /^\s+at .*file:/.test(line) && !line.includes(ownFolder.href)) ?? [];
  return frames.slice(0, maxFrames).map((frame) => `\n  ${frame.trim()}`).join("");
}
