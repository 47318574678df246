import { encode, type Encoded, encodeJson } from "../core/codec.ts";
import { RpcError } from "../core/errors.ts";
import type { Outgoing } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import { problemContentType, toProblem } from "../core/problem.ts";
import type { Resolved } from "../core/settings.ts";

// RabbitMQ returns a mandatory message to such an address even when it has delivered it.
const directReplyTo = "amq.rabbitmq.reply-to.";

/** The reply to a request: its output, or the error. */
export function replyTo(
  message: Message & { readonly replyTo: string },
  result: { readonly output: unknown } | { readonly error: unknown },
  codec: Resolved["codec"],
): Outgoing {
  const { encoded, isError } = encodeResult(result, codec);
  return {
    exchange: "",
    routingKey: message.replyTo,
    mandatory: !message.replyTo.startsWith(directReplyTo),
    body: encoded.body,
    properties: {
      contentType: encoded.contentType,
      correlationId: message.correlationId,
      timestamp: Math.floor(Date.now() / 1000),
      type: isError ? "error" : undefined,
      persistent: false,
    },
  };
}

function encodeResult(
  result: { readonly output: unknown } | { readonly error: unknown },
  codec: Resolved["codec"],
): { encoded: Encoded; isError: boolean } {
  if ("error" in result) return { encoded: encodeProblem(result.error), isError: true };
  try {
    return { encoded: encodeOutput(result.output, codec), isError: false };
  } catch (cause) {
    const detail = `The handler's output cannot be sent: ${(cause as Error).message}`;
    return { encoded: encodeProblem(new RpcError("UNSENDABLE_OUTPUT", { detail })), isError: true };
  }
}

function encodeOutput(output: unknown, codec: Resolved["codec"]): Encoded {
  if (output instanceof Uint8Array) return encode(output);
  return codec === "text" ? encode(String(output ?? "")) : encodeJson(output);
}

function encodeProblem(error: unknown): Encoded {
  const problem = toProblem(error);
  try {
    return { ...encodeJson(problem), contentType: problemContentType };
  } catch {
    const { data: _data, issues: _issues, ...plain } = problem;
    return { ...encodeJson(plain), contentType: problemContentType };
  }
}
