import { STATUS_CODES } from "node:http";
import { describeError, HopperError } from "../../core/api/errors.ts";
import { ArgumentError } from "../../core/api/errors.ts";
import { BrokerBlocked, BrokerError, ConnectionLost, Unroutable } from "../../core/ports/amqp_errors.ts";
import type { ProblemView } from "./views.ts";

/** An error as a response, as RFC 9457 has it. */
export function problem(status: number, detail: string): Response {
  const body: ProblemView = { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail };
  return Response.json(body, { status, headers: { "content-type": "application/problem+json" } });
}

/** What a request was wrong about. */
export class Refused extends Error {
  override name = "Refused";
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** Any error as a response: those of requests and of the broker say what to do, and others that they are ours. */
export function problemOf(error: unknown): Response {
  if (error instanceof Refused) return problem(error.status, error.message);
  if (error instanceof ArgumentError) return problem(400, error.message);
  if (error instanceof Unroutable) return problem(404, error.message);
  if (error instanceof BrokerError) return problem(error.replyCode === 404 ? 404 : 502, error.message);
  if (error instanceof ConnectionLost || error instanceof BrokerBlocked) return problem(503, error.message);
  return problem(error instanceof HopperError ? 502 : 500, describeError(error));
}
