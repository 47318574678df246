import { format } from "node:util";
import { type LineStream, LineWriter } from "../observe/line_writer.ts";
import type { LogFormat } from "../observe/log.ts";
import { lostLines } from "./log_lines.ts";

/** stdout and stderr of a command that keeps running. Writing never waits for a reader. */
export interface Printing {
  readonly out: LineWriter;
  readonly err: LineWriter;
  /** Resolves when everything is written, or after a second without a reader. stderr then says what is lost. */
  close(): Promise<void>;
}

// A working reader needs far less time than this.
const closeMs = 1_000;

/**
 * Opens stdout and stderr for lines, and sends what is printed with `console` the same way. A plain `console.log` to a
 * pipe that nobody reads would stop the whole process: the broker, health and signals.
 */
export function openPrinting(
  logFormat: LogFormat,
  stdout: LineStream = Deno.stdout,
  stderr: LineStream = Deno.stderr,
): Printing {
  const lost = lostLines(
    logFormat,
    logFormat === "json" ? "iso" : "time",
    "the reader of the log was too slow",
  );
  const out = new LineWriter(stdout, lost);
  const err = new LineWriter(stderr, lost);
  const own = { ...console };
  const through = (writer: LineWriter) => (...args: unknown[]) => writer.write(format(...args));
  const [toOut, toErr] = [through(out), through(err)];
  Object.assign(console, {
    log: toOut,
    info: toOut,
    debug: toOut,
    dir: toOut,
    warn: toErr,
    error: toErr,
    trace: toErr,
  });
  return {
    out,
    err,
    async close() {
      Object.assign(console, own);
      const count = await out.close(closeMs);
      if (count > 0) err.write(`hopper: ${count} line(s) of stdout are lost: its reader was too slow`);
      await err.close(closeMs);
    },
  };
}

/** Prints a last line on stderr, and waits at most a second for its reader. */
export async function lastWords(text: string): Promise<void> {
  const err = new LineWriter(Deno.stderr, () => "");
  err.write(text);
  await err.close(closeMs);
}
