import { type Emit, type Event, type LogLevel, logLevels } from "../core/ports/events.ts";
import type { LineWriter } from "../observe/line_writer.ts";
import { lineTime } from "../observe/line_time.ts";
import { formatEvent, levelOf, type LogFormat } from "../observe/log.ts";

/** What `hopper run` prints. */
export interface RunLog {
  readonly write: Emit;
  /** Whether the terminal is for people, and begins with a banner. */
  readonly hasBanner: boolean;
  /** Shows the banner, if there is one. `false` if it was shown before. */
  start(banner: () => string): boolean;
  /** Shows no more lines on the terminal, or shows them again, and returns which. */
  toggle(): boolean;
}

/** How `hopper run` logs. */
export interface RunLogOptions {
  readonly format: LogFormat;
  /** Levels below it are left out. @default "info" */
  readonly least?: LogLevel;
  /** Leaves out the line of each successful run. */
  readonly quiet?: boolean;
  /** Where lines go instead of the terminal. */
  readonly file?: LineWriter;
}

// The banner contains these, so the terminal leaves them out until it is shown.
const saidByBanner = new Set<Event["event"]>(["connected", "attached", "problem"]);

/** Logs events as lines of JSON for programs, or as lines of text for people, on the terminal or into a file. */
export function createRunLog(
  terminal: LineWriter,
  { format, least = "info", quiet = false, file }: RunLogOptions,
): RunLog {
  const shown = new Set(logLevels.slice(logLevels.indexOf(least)));
  const [terminalTime, fileTime] = format === "json"
    ? [lineTime("iso"), lineTime("iso")]
    : [lineTime("time"), lineTime("date")];
  const hasBanner = format === "text" || file !== undefined;
  let started = !hasBanner;
  let onTerminal = file === undefined;
  const writeTo = (to: LineWriter, event: Event, time: string) => {
    const line = formatEvent(format, event, time);
    if (line !== undefined) to.write(line);
  };
  return {
    write(event) {
      if (quiet && event.event === "handled" || !shown.has(levelOf(event))) return;
      const now = Date.now();
      if (file !== undefined) writeTo(file, event, fileTime(now));
      if (!onTerminal || (!started && saidByBanner.has(event.event))) return;
      writeTo(terminal, event, terminalTime(now));
    },
    start(banner) {
      if (!hasBanner) return true;
      if (started) return false;
      started = true;
      terminal.write(banner());
      return true;
    },
    hasBanner,
    toggle: () => onTerminal = !onTerminal,
  };
}
