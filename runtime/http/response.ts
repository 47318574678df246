import { setImmediate as turn } from "node:timers/promises";
import type { ServerResponse } from "node:http";

/** What is known of the request that is answered. */
export interface Answering {
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Whether the connection closes after it, as when the rest of the request would be taken for the next one. */
  readonly isLast: boolean;
  /** Called before the first byte of an answer whose end is not known yet. */
  readonly onStream: () => void;
}

type Bytes = ReadableStreamReadResult<Uint8Array>;

/**
 * Writes an answer, no faster than its client reads. A body that is there at once is sent with its length, any other as
 * it comes. Resolves when everything is written or the client is gone; rejects if the body fails.
 */
export async function writeResponse(
  out: ServerResponse,
  answer: Response,
  { signal, isLast, onStream }: Answering,
): Promise<void> {
  setHead(out, answer);
  if (isLast) out.setHeader("connection", "close");
  if (answer.body === null) {
    const isKnown = out.req.method === "HEAD" || answer.status === 204 || answer.status === 304;
    if (!isKnown) out.setHeader("content-length", 0);
    return await end(out, signal);
  }
  const reader = answer.body.getReader();
  const cancel = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  try {
    if (signal.aborted) return cancel();
    const next = reader.read();
    const whole = await wholeBody(reader, next);
    if (whole.kind === "whole") {
      out.setHeader("content-length", whole.bytes.length);
      return await end(out, signal, whole.bytes);
    }
    if (out.req.method === "HEAD") {
      cancel();
      return await end(out, signal);
    }
    onStream();
    out.flushHeaders();
    await pass(out, reader, whole.pending, signal);
    await end(out, signal);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function setHead(out: ServerResponse, { status, statusText, headers }: Response): void {
  out.statusCode = status;
  if (statusText !== "") out.statusMessage = statusText;
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) out.setHeader("set-cookie", cookies);
  for (const [name, value] of headers) {
    if (name !== "set-cookie" && name !== "transfer-encoding") out.setHeader(name, value);
  }
}

/** The body, if it is there within this turn; else the reads that are under way. */
async function wholeBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  first: Promise<Bytes>,
): Promise<{ kind: "whole"; bytes: Uint8Array } | { kind: "stream"; pending: Promise<Bytes>[] }> {
  const late = turn("late" as const);
  const begun = await Promise.race([first, late]);
  if (begun === "late") return { kind: "stream", pending: [first] };
  if (begun.done) return { kind: "whole", bytes: new Uint8Array() };
  const second = reader.read();
  const ended = await Promise.race([second, late]);
  if (ended === "late" || !ended.done) return { kind: "stream", pending: [first, second] };
  return { kind: "whole", bytes: begun.value };
}

async function pass(
  out: ServerResponse,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  pending: Promise<Bytes>[],
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { done, value } = await (pending.shift() ?? reader.read());
    if (done || signal.aborted) return;
    if (!out.write(value)) await event(out, "drain", signal);
  }
}

async function end(out: ServerResponse, signal: AbortSignal, bytes?: Uint8Array): Promise<void> {
  if (signal.aborted) return;
  const finished = event(out, "finish", signal);
  out.end(bytes);
  await finished;
}

/** Resolves at an event, or when the client is gone. */
function event(out: ServerResponse, name: "drain" | "finish", signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      out.removeListener(name, done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    if (signal.aborted) return resolve();
    out.once(name, done);
    signal.addEventListener("abort", done, { once: true });
  });
}
