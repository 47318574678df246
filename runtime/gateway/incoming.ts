import { within } from "../core/within.ts";
import { isRecord } from "../core/values.ts";
import { type Content, withCloudEvent } from "./cloud_event.ts";
import { Refused } from "../http/refused.ts";

/** A request's body and what it says of it, as a message. */
export interface IncomingMessage extends Content {
  readonly contentEncoding: string | undefined;
}

/** Milliseconds that a body may take to arrive. */
const bodyMs = 30_000;

/** Reads a request's body and headers as a message. */
export async function messageIn(request: Request): Promise<IncomingMessage> {
  const bytes = await within(bodyMs, request.bytes());
  if (bytes === "late") {
    throw new Refused(408, "BODY_LATE", `The body did not arrive within ${bodyMs / 1000} s`);
  }
  const { headers } = request;
  const contentType = headers.get("content-type") ?? undefined;
  // Without a body there is nothing that a content type could be about.
  const body = bytes.length === 0 && contentType === undefined ? undefined : bytes;
  const content = withCloudEvent(headers, { body, contentType, headers: amqpHeaders(headers) });
  return { ...content, contentEncoding: headers.get("content-encoding") ?? undefined };
}

const oneHeader = "x-hopper-header-";

// The broker sends copies to the queues that these name, and Hopper keeps count of runs in its own.
const reservedHeaders = /^(?:b?cc$|x-hopper-)/i;

// A trace goes on in the function.
const passedOn = ["traceparent", "tracestate"];

/** `x-hopper-header-NAME: text`, and `x-hopper-headers: {"Name": 1}` for other types and names with capital letters. */
function amqpHeaders(request: Headers): Record<string, unknown> {
  const headers: Record<string, unknown> = {};
  for (const [name, value] of request) {
    if (name.startsWith(oneHeader)) headers[name.slice(oneHeader.length)] = value;
    if (passedOn.includes(name)) headers[name] = value;
  }
  const given = request.get("x-hopper-headers");
  if (given !== null) Object.assign(headers, parsed(given));
  const reserved = Object.keys(headers).find((name) => reservedHeaders.test(name));
  if (reserved !== undefined) {
    throw new Refused(400, "BAD_REQUEST", `The message header '${reserved}' cannot be set over HTTP`);
  }
  return headers;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw new Refused(
    400,
    "BAD_REQUEST",
    `The header x-hopper-headers is not a JSON object; expected, for example: {"region": "eu", "tries": 3}`,
  );
}

/** The message id that a client chose with `Idempotency-Key`, which may be in quotes. */
export function messageIdIn(request: Headers): string | undefined {
  const key = request.get("idempotency-key")?.replace(/^"(.*)"$/, "$1");
  return key === "" ? undefined : key;
}

const usualWait = 30_000;

/** The longest that a call may take, in milliseconds. */
export const maxWait = 600_000;

/** How long a call may take, and what the answer says of it. */
export interface Deadline {
  readonly ms: number;
  /** The `Preference-Applied` header. */
  readonly applied?: string;
}

/** The deadline of a call: `x-hopper-timeout` in milliseconds, or `Prefer: wait=SECONDS`. */
export function deadlineIn(request: Headers): Deadline {
  const timeout = request.get("x-hopper-timeout");
  if (timeout !== null) {
    const ms = /^\d{1,9}$/.test(timeout) ? Number(timeout) : 0;
    if (ms < 1 || ms > maxWait) {
      throw new Refused(
        400,
        "BAD_REQUEST",
        `The header x-hopper-timeout is '${timeout}'; expected milliseconds from 1 to ${maxWait}`,
      );
    }
    return { ms };
  }
  const wait = /(?:^|[,;])\s*wait\s*=\s*(\d{1,9})\s*(?:$|[,;])/i.exec(request.get("prefer") ?? "")?.[1];
  if (wait === undefined) return { ms: usualWait };
  // A preference may be met in part.
  const seconds = Math.min(Math.max(Number(wait), 1), maxWait / 1000);
  return { ms: seconds * 1000, applied: `wait=${seconds}` };
}
