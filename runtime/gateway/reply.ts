import { decodeBody } from "../core/body/codec.ts";
import { fromProblem, problemContentType, toProblem } from "../core/api/problem.ts";
import { RpcError } from "../core/api/errors.ts";
import type { RawReply } from "../core/ports/outside_caller.ts";

const maxProblem = { bytes: 1024 * 1024 };

/** An rpc's reply as an answer: its body and type as the function replied, or its problem with its status. */
export async function replyResponse(reply: RawReply): Promise<Response> {
  if (reply.isError) return problemResponse(await problemIn(reply));
  const headers = new Headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  set(headers, "content-type", reply.contentType ?? "application/octet-stream");
  if (reply.contentEncoding !== undefined) set(headers, "content-encoding", reply.contentEncoding);
  return new Response(reply.body as Uint8Array<ArrayBuffer>, { headers });
}

/** The error that a function replied with. */
export async function problemIn({ body, contentType, contentEncoding }: RawReply): Promise<RpcError> {
  const decoded = await decodeBody({ body, contentType, contentEncoding }, maxProblem);
  return fromProblem(decoded.ok ? decoded.value : decoded.reason);
}

function problemResponse(error: RpcError): Response {
  const status = statusOf(error);
  return new Response(JSON.stringify({ ...toProblem(error), status }), {
    status,
    headers: { "content-type": problemContentType, "cache-control": "no-store" },
  });
}

// Everywhere else input that does not fit is 422; over HTTP it is the request that is wrong.
function statusOf({ code, status }: RpcError): number {
  if (code === "INVALID_INPUT") return 400;
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : 500;
}

// A function may reply with any text as its content type.
function set(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    headers.set(name, "application/octet-stream");
  }
}
