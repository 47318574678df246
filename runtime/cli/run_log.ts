import type { Emit, Event } from "../core/events.ts";
import type { LineWriter } from "../observe/line_writer.ts";
import { formatEvent, levelOf, type LogFormat } from "../observe/log.ts";

/** What `hopper run` prints. */
export interface RunLog {
  readonly write: Emit;
  /** Shows the banner, where lines are for people. */
  start(banner: () => string): void;
}

// The banner says these; until it is shown they would only repeat it.
const saidByBanner = new Set<Event["event"]>(["connected", "attached", "problem"]);

/** Lines of JSON for programs, or lines of text after a banner for people. */
export function createRunLog(format: LogFormat, out: LineWriter): RunLog {
  let started = format === "json";
  return {
    write(event) {
      if (levelOf(event) === "debug" || (!started && saidByBanner.has(event.event))) return;
      const line = formatEvent(format, event, new Date());
      if (line !== undefined) out.write(line);
    },
    start(banner) {
      if (format === "json") return;
      started = true;
      out.write(banner());
    },
  };
}
