import type { LogLevel } from "../../core/ports/events.ts";
import type { ObservedRun } from "../../core/ports/observed_run.ts";
import type { RunStatus } from "../api/views.ts";

/** Which payloads and headers of runs are kept. */
export type KeepPayloads = true | "failed" | false;

/** The most bytes of a payload, and of a message's headers, that are kept. */
export const maxKept = 64 * 1024;

/** The most lines of a run, and characters of one line with its data, that are kept. */
const maxLines = 100;
const maxLine = 4 * 1024;
const maxStack = 16 * 1024;

/** A log line of a run. Its data is JSON, so that what the handler changes later is not changed here. */
export interface KeptLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly data?: string;
}

/** A message's body and headers, as bytes. */
export interface KeptMessage {
  /** The body, or its beginning. */
  readonly body: Uint8Array;
  /** The size of the whole body in bytes. */
  readonly size: number;
  /** The headers as an AMQP table; `undefined` if they are too large. */
  readonly headers: Uint8Array | undefined;
}

/** What is kept of a run. All times are milliseconds since 1970. */
export interface RunRecord {
  readonly id: string;
  readonly function: string;
  readonly messageId: string;
  readonly attempt: number;
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  readonly queuedAt: number;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly traceId?: string;
  status: RunStatus;
  startedAt?: number;
  endedAt?: number;
  error?: string;
  stack?: string;
  /** Where in the project's files the error was thrown. */
  thrownAt?: string;
  deadLetterQueue?: string;
  message?: KeptMessage;
  lines: KeptLine[];
  linesLost: number;
}

// Most runs log nothing, so they share this.
const noLines: KeptLine[] = [];

/** What a new record says of a run. */
export function recordOf(name: string, run: ObservedRun): RunRecord {
  const { message } = run;
  return {
    id: run.id,
    function: name,
    messageId: message.id,
    attempt: run.attempt,
    exchange: message.exchange,
    routingKey: message.routingKey,
    queue: run.queue,
    queuedAt: Math.round(performance.timeOrigin + run.arrivedAt),
    properties: propertiesOf(message),
    traceId: run.traceId,
    status: "running",
    lines: noLines,
    linesLost: 0,
  };
}

const noBytes = new Uint8Array(0);

/** A copy of a message's body and headers, at most {@linkcode maxKept} of each. */
export function keptMessage(
  { message: { body }, headers: { bytes } }: ObservedRun,
  copy: (bytes: Uint8Array) => Uint8Array,
): KeptMessage {
  return {
    body: copy(body.length > maxKept ? body.subarray(0, maxKept) : body),
    size: body.length,
    headers: bytes.length > maxKept ? undefined : bytes.length === 0 ? noBytes : copy(bytes),
  };
}

/** Adds a log line, or counts it as lost if there are too many. Returns by how many bytes the record grows. */
export function addLine(
  record: RunRecord,
  { level, message, data }: { level: LogLevel; message: string; data?: Readonly<Record<string, unknown>> },
  now: number,
): number {
  if (record.lines.length >= maxLines) {
    record.linesLost++;
    return 0;
  }
  const json = data === undefined ? undefined : jsonOf(data);
  const line = {
    at: now,
    level,
    message: shortened(message, maxLine),
    ...json === undefined ? {} : { data: json.length <= maxLine ? json : cutData },
  };
  if (record.lines === noLines) record.lines = [line];
  else record.lines.push(line);
  return sizeOfLine(line);
}

const cutData = '{"…":"too long to keep"}';

function jsonOf(data: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return JSON.stringify(data, (_key, value) => typeof value === "bigint" ? String(value) : value);
  } catch {
    return undefined;
  }
}

/** An error's text and stack, as far as they are kept. */
export function keptError(error: string, stack: string | undefined): Pick<RunRecord, "error" | "stack"> {
  return { error: shortened(error, maxLine), stack: stack && shortened(stack, maxStack) };
}

function shortened(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}…`;
}

// What a record takes besides its texts and bytes; measured, and rounded up.
const ownSize = 2_300;

/** About how many bytes of memory a record takes. */
export function sizeOf({ message, lines, error = "", stack = "", messageId, routingKey }: RunRecord): number {
  let size = ownSize + 2 * (error.length + stack.length + messageId.length + routingKey.length);
  if (message) size += 200 + message.body.length + (message.headers?.length ?? 0);
  for (const line of lines) size += sizeOfLine(line);
  return size;
}

function sizeOfLine({ message, data = "" }: KeptLine): number {
  return 200 + 2 * (message.length + data.length);
}

const shownProperties = [
  "contentType",
  "contentEncoding",
  "correlationId",
  "replyTo",
  "timestamp",
  "type",
  "appId",
  "userId",
  "priority",
  "expiration",
  "deliveryMode",
  "redelivered",
] as const;

function propertiesOf(message: ObservedRun["message"]): RunRecord["properties"] {
  const properties: Record<string, unknown> = {};
  for (const name of shownProperties) {
    const value = message[name];
    if (value !== undefined && value !== false) {
      properties[name] = value instanceof Date ? value.toISOString() : value;
    }
  }
  return properties;
}
