import { RpcError } from "../core/api/errors.ts";
import { problemContentType, toProblem } from "../core/api/problem.ts";

/** Why a request is not passed on. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** The refusal of a body with more than `limit` bytes. */
export function tooLarge(limit: number): Refusal {
  return { status: 413, code: "BODY_TOO_LARGE", detail: `The body is larger than ${limit} bytes` };
}

/** A request's body has more bytes than the server takes. Reading it rejects with this, and the server answers 413. */
export class BodyTooLarge extends Error {
  override name = "BodyTooLarge";
}

/** An answer with the problem as JSON, as RFC 9457 has it. */
export function refuse(refusal: Refusal): Response {
  return new Response(problemText(refusal), {
    status: refusal.status,
    headers: { "content-type": problemContentType },
  });
}

/** The whole answer as text, for a connection on which nothing else can be answered; it is closed afterwards. */
export function refusalText(refusal: Refusal): string {
  const body = problemText(refusal);
  return [
    `HTTP/1.1 ${refusal.status} ${reasons[refusal.status] ?? ""}`,
    `content-type: ${problemContentType}`,
    `content-length: ${new TextEncoder().encode(body).length}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
}

/** The refusal for what `node:http` says is wrong with the bytes of a request. */
export function refusalOf(code: string | undefined, headLimit: number): Refusal {
  if (code === "HPE_HEADER_OVERFLOW") {
    const detail = `The first line and the headers are larger than ${headLimit} bytes`;
    return { status: 431, code: "HEAD_TOO_LARGE", detail };
  }
  return malformed("This request is not HTTP/1.1");
}

/** The refusal of a request that cannot be understood. */
export function malformed(detail: string): Refusal {
  return { status: 400, code: "MALFORMED_REQUEST", detail };
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  431: "Request Header Fields Too Large",
};

function problemText({ status, code, detail }: Refusal): string {
  return JSON.stringify(toProblem(new RpcError(code, { status, detail })));
}
