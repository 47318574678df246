import { format } from "node:util";
import { type LineStream, LineWriter } from "../observe/line_writer.ts";
import { formatEvent, type LogFormat } from "../observe/log.ts";

/** stdout and stderr of a command that stays, which wait for nobody. */
export interface Printing {
  readonly out: LineWriter;
  readonly err: LineWriter;
  /** Resolves when everything is written, or nobody has read it for a second; what is lost is said on stderr. */
  close(): Promise<void>;
}

// A reader that is there takes all that waits in far less.
const closeMs = 1_000;

/**
 * Lines for stdout and stderr. What code of this process prints by `console` goes the same way: a pipe that nobody reads
 * would stop it, and with it the broker, health and signals.
 */
export function openPrinting(
  logFormat: LogFormat,
  stdout: LineStream = Deno.stdout,
  stderr: LineStream = Deno.stderr,
): Printing {
  const lost = (count: number) =>
    formatEvent(logFormat, {
      event: "notice",
      message: `${count} log line(s) before this one are lost: the reader of the log was too slow`,
    }, new Date())!;
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

/** Says a last thing on stderr, and waits no longer than a second for who reads it. */
export async function lastWords(text: string): Promise<void> {
  const err = new LineWriter(Deno.stderr, () => "");
  err.write(text);
  await err.close(closeMs);
}
