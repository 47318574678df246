import { homedir } from "node:os";
import { type Encoded, encodeJson } from "../../core/body/codec.ts";
import { headline } from "../../core/api/errors.ts";
import { ownFolder } from "../../core/own_files.ts";
import type { Outgoing } from "../../core/ports/amqp.ts";
import type { Bounds } from "../../core/permissions/permissions.ts";
import { type Problem, problemContentType, toProblem } from "../../core/api/problem.ts";
import { newMessageId } from "../../core/message_id.ts";
import type { Result } from "./decide.ts";

// RabbitMQ returns a mandatory message to such an address even when it has delivered it.
const directReplyTo = "amq.rabbitmq.reply-to.";

/** The reply to a request, with its output or its error. */
export function replyTo(
  address: string,
  correlationId: string | undefined,
  result: Result,
  { folder, cwd }: Pick<Bounds, "folder" | "cwd">,
): Outgoing {
  const isError = "error" in result;
  const encoded = isError
    ? encodeProblem(result.error, [folder, cwd, ownFolder.pathname, homedir()])
    : result.output ?? encodeJson(null);
  return {
    exchange: "",
    routingKey: address,
    mandatory: !address.startsWith(directReplyTo),
    body: encoded.body,
    properties: {
      messageId: newMessageId(),
      contentType: encoded.contentType,
      correlationId,
      timestamp: Math.floor(Date.now() / 1000),
      type: isError ? "error" : undefined,
      persistent: false,
    },
  };
}

function encodeProblem(error: unknown, folders: readonly string[]): Encoded {
  const problem = problemOf(error, folders);
  try {
    return problemBody(problem);
  } catch {
    const { data: _data, issues: _issues, ...plain } = problem;
    return problemBody(plain);
  }
}

// A schema library's issues may contain anything. JSON.stringify leaves out what JSON cannot hold.
function problemBody(problem: Problem): Encoded {
  return { body: new TextEncoder().encode(JSON.stringify(problem)), contentType: problemContentType };
}

// What a handler threw may look like an RpcError and have none of its fields.
function problemOf(error: unknown, folders: readonly string[]): Problem {
  try {
    return toProblem(error, folders);
  } catch {
    return toProblem(headline(error), folders);
  }
}
