import { type Encoded, encodeJson } from "../core/codec.ts";
import { describeError } from "../core/errors.ts";
import type { Outgoing } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import { type Problem, problemContentType, toProblem } from "../core/problem.ts";
import type { Result } from "./decide.ts";

// RabbitMQ returns a mandatory message to such an address even when it has delivered it.
const directReplyTo = "amq.rabbitmq.reply-to.";

/** The reply to a request: its output, or the error. */
export function replyTo(message: Message & { readonly replyTo: string }, result: Result): Outgoing {
  const isError = "error" in result;
  const encoded = isError ? encodeProblem(result.error) : result.output ?? encodeJson(null);
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

function encodeProblem(error: unknown): Encoded {
  const problem = problemOf(error);
  try {
    return { ...encodeJson(problem), contentType: problemContentType };
  } catch {
    const { data: _data, issues: _issues, ...plain } = problem;
    return { ...encodeJson(plain), contentType: problemContentType };
  }
}

// What a handler threw may claim to be an RpcError and have none of its fields.
function problemOf(error: unknown): Problem {
  try {
    return toProblem(error);
  } catch {
    return toProblem(describeError(error));
  }
}
