import { type Emit, type Event, type LogLevel, logLevels } from "../core/ports/events.ts";
import type { LineWriter } from "../observe/line_writer.ts";
import { formatEvent, levelOf, type LogFormat } from "../observe/log.ts";

/** What `hopper run` prints. */
export interface RunLog {
  readonly write: Emit;
  /** Shows the banner, if the format is text. `false` if it was shown before. */
  start(banner: () => string): boolean;
}

// The banner contains these, so they are left out until it is shown.
const saidByBanner = new Set<Event["event"]>(["connected", "attached", "problem"]);

/** Prints lines of JSON for programs, or a banner and lines of text for people. Levels below `least` are left out. */
export function createRunLog(format: LogFormat, out: LineWriter, least: LogLevel = "info"): RunLog {
  const isShown = (event: Event) => logLevels.indexOf(levelOf(event)) >= logLevels.indexOf(least);
  let started = format === "json";
  return {
    write(event) {
      if (!isShown(event) || (!started && saidByBanner.has(event.event))) return;
      const line = formatEvent(format, event, new Date());
      if (line !== undefined) out.write(line);
    },
    start(banner) {
      if (format === "json") return true;
      if (started) return false;
      started = true;
      out.write(banner());
      return true;
    },
  };
}
