import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { HttpLimits } from "./limits.ts";
import { BodyTooLarge, malformed, type Refusal, tooLarge } from "./refusal.ts";

/** A request to answer, or why it is not passed on. */
export type Incoming =
  | { readonly kind: "request"; readonly request: Request; readonly body: ReceivedBody }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** What is known of a request's body while it is read. */
export interface ReceivedBody {
  /** Whether it was larger than the limit when it was read. */
  readonly isTooLarge: boolean;
}

/** How a request is received. */
export interface Receiving {
  readonly limits: Pick<HttpLimits, "target" | "body">;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Asks the client for the body, if it waits to be asked. */
  readonly askForBody: () => void;
}

// A name, an IPv4 address or an IPv6 address in brackets, and maybe a port: nothing that could change the URL's path.
const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** The request that was received, as the web's own class. */
export function toRequest(incoming: IncomingMessage, { limits, signal, askForBody }: Receiving): Incoming {
  const refused = (refusal: Refusal): Incoming => ({ kind: "refused", refusal });
  const { method = "", url: target = "" } = incoming;
  if (target.length > limits.target) {
    const detail = `The path is longer than ${limits.target} bytes`;
    return refused({ status: 414, code: "PATH_TOO_LONG", detail });
  }
  const coding = incoming.headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    return refused(malformed("The only transfer coding that is understood is 'chunked'"));
  }
  if (Number(incoming.headers["content-length"]) > limits.body) return refused(tooLarge(limits.body));
  if (!target.startsWith("/")) return refused(malformed("The first line needs a path that begins with '/'"));
  try {
    const headers = new Headers(pairs(incoming.rawHeaders));
    const host = headers.get("host") ?? "localhost";
    if (!hostForm.test(host)) return refused(malformed("The Host header is not HOST or HOST:PORT"));
    const body = bodyOf(incoming, limits.body, askForBody);
    if (body.isTooLarge) return refused(tooLarge(limits.body));
    const given = method === "GET" || method === "HEAD" ? null : body.content;
    const request = new Request(`http://${host}${target}`, { method, headers, signal, body: given });
    return { kind: "request", request, body };
  } catch {
    return refused(malformed("The method, the path or a header has characters that cannot be there"));
  }
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, i): [string, string][] => i % 2 === 0 ? [[name, raw[i + 1]!]] : []);
}

/** The body: its bytes if they are there already, else a stream. */
function bodyOf(
  incoming: IncomingMessage,
  limit: number,
  askForBody: () => void,
): ReceivedBody & { readonly content: BodyInit | null } {
  if (!incoming.complete) return streamOf(incoming, limit, askForBody);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let chunk; (chunk = incoming.read()) !== null;) chunks.push(chunk);
  const bytes = chunks.length > 1 ? Buffer.concat(chunks) : chunks[0] ?? null;
  return { content: bytes, isTooLarge: bytes !== null && bytes.length > limit };
}

/** The body as a stream that reads no more than it is asked for, and fails beyond the limit. */
function streamOf(incoming: IncomingMessage, limit: number, askForBody: () => void) {
  // The answer is still to be written when the body is given up, so that must not destroy the connection.
  const chunks = incoming.iterator({ destroyOnReturn: false });
  let size = 0;
  const state = { isTooLarge: false };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      if (size === 0) askForBody();
      const { done, value } = await chunks.next();
      if (done) return controller.close();
      size += value.length;
      if (size > limit) {
        state.isTooLarge = true;
        return controller.error(new BodyTooLarge(tooLarge(limit).detail));
      }
      controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  }, { highWaterMark: 0 });
  return {
    content: stream,
    get isTooLarge() {
      return state.isTooLarge;
    },
  };
}
