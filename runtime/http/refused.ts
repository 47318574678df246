import { ArgumentError, HopperError } from "../core/api/errors.ts";
import {
  BrokerBlocked,
  BrokerError,
  CallTimeout,
  ConnectionLost,
  MessageTooLarge,
  NoSuchExchange,
  NoSuchFunction,
  PublishFailed,
  Unroutable,
  Unsendable,
} from "../core/ports/amqp_errors.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** A request that is not carried out, with what its client is told. */
export class Refused extends Error {
  override name = "Refused";
  readonly refusal: Refusal;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.refusal = { status, code, detail };
  }
}

/** The refusal for an error: what a request or the broker is wrong about; `undefined` if it is a fault of Hopper's own. */
export function refusalOfError(error: unknown): Refusal | undefined {
  if (error instanceof Refused) return error.refusal;
  if (error instanceof ArgumentError) return { status: 400, code: "BAD_REQUEST", detail: error.message };
  if (!(error instanceof HopperError)) return undefined;
  return { status: statusOf(error), code: error.code, detail: error.message };
}

function statusOf(error: HopperError): number {
  if (error instanceof NoSuchFunction || error instanceof Unroutable || error instanceof NoSuchExchange) {
    return 404;
  }
  if (error instanceof CallTimeout) return 504;
  if (error instanceof MessageTooLarge) return 413;
  if (error instanceof Unsendable) return 400;
  if (error instanceof BrokerBlocked || error instanceof ConnectionLost || error instanceof PublishFailed) {
    return 503;
  }
  if (error instanceof BrokerError) return error.replyCode === 404 ? 404 : 502;
  return error.code === "TOO_MANY_CALLS" ? 429 : 502;
}

/** Seconds after which a client may try again. */
const retryAfter: Readonly<Record<number, string>> = { 429: "1", 503: "5" };

/** The answer for a refusal. */
export function refusedResponse(refusal: Refusal): Response {
  const response = refuse(refusal);
  const seconds = retryAfter[refusal.status];
  if (seconds !== undefined) response.headers.set("retry-after", seconds);
  if (refusal.status === 401) response.headers.set("www-authenticate", 'Bearer realm="hopper"');
  return response;
}
