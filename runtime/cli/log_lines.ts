import { LineWriter } from "../observe/line_writer.ts";
import { LogFile } from "../observe/log_file.ts";
import { lineTime, type TimeForm } from "../observe/line_time.ts";
import { formatEvent, type LogFormat } from "../observe/log.ts";

/** The lines of `--log-file`. */
export interface LogLines {
  readonly lines: LineWriter;
  /** Resolves when everything is written, or after a second. Then `err` says what is lost. */
  close(): Promise<void>;
}

const closeMs = 1_000;

/** Opens a file for log lines. `err` is told when it cannot be written. Throws an `ArgumentError` if it cannot now. */
export async function openLogLines(path: string, format: LogFormat, err: LineWriter): Promise<LogLines> {
  const file = await LogFile.open(path, (trouble) => {
    err.write(
      `hopper: The log file '${path}' cannot be written: ${trouble}; its lines are lost until it can`,
    );
  });
  const lines = new LineWriter(
    file,
    lostLines(
      format,
      format === "json" ? "iso" : "date",
      "the file could not be written, or not fast enough",
    ),
  );
  return {
    lines,
    async close() {
      const lost = await lines.close(closeMs);
      file.close();
      if (lost > 0) err.write(`hopper: ${lost} line(s) of the log file '${path}' are lost`);
    },
  };
}

/** The line that says how many lines before it are lost, and why. */
export function lostLines(format: LogFormat, form: TimeForm, why: string): (count: number) => string {
  const time = lineTime(form);
  return (count) => {
    const message = `${count} log line(s) before this one are lost: ${why}`;
    return formatEvent(format, { event: "notice", message }, time(Date.now()))!;
  };
}
