import { v7 } from "uuid";
import { HeaderTable } from "../amqp/header_table.ts";
import type { Caller, SendOptions } from "../core/api/context.ts";
import type { NewSpan, TraceContext, Tracing } from "../core/ports/trace.ts";
import { stableQueue } from "../core/text/stable_queue.ts";

/** Where something is sent, and what traces it. */
export interface Place {
  /** Without it, a message only passes on where it is sent. */
  readonly tracing: Tracing | undefined;
  /** Where it is sent; missing if that is wherever the code runs. */
  readonly trace: TraceContext | undefined;
}

/** What a caller sends, with a span for each message and its place in the trace in the message's headers. */
export function inTrace(caller: Caller, { tracing, trace }: Place): Caller {
  const within = async <T>(
    span: NewSpan,
    sending: (context: TraceContext | undefined) => Promise<T>,
  ): Promise<T> => {
    if (tracing === undefined) return await sending(trace);
    const begun = tracing.start(span, trace ?? "current");
    try {
      const result = await begun.within(() => sending(begun.context));
      begun.end();
      return result;
    } catch (error) {
      begun.end(error);
      throw error;
    }
  };
  // Spans name the message's id, so it gets one here.
  const identified = (options: SendOptions) => tracing ? { messageId: v7(), ...options } : options;
  return {
    async send(queue, body, options = {}) {
      const own = identified(options);
      await within(
        sent("send", "", queue, own.messageId),
        (context) => caller.send(queue, body, { ...own, headers: withTrace(own.headers, context) }),
      );
    },
    async publish(exchange, routingKey, body, options = {}) {
      const own = identified(options);
      await within(
        sent("publish", exchange, routingKey, own.messageId),
        (context) =>
          caller.publish(exchange, routingKey, body, { ...own, headers: withTrace(own.headers, context) }),
      );
    },
    call: (name, input, options = {}) =>
      within(
        called(name),
        (context) => caller.call(name, input, { ...options, headers: withTrace(options.headers, context) }),
      ),
  };
}

function sent(
  operation: "send" | "publish",
  exchange: string,
  routingKey: string,
  messageId: string | undefined,
): NewSpan {
  const destination = [exchange, routingKey].filter((part) => part !== "").join(":") || "amq.default";
  return {
    kind: "producer",
    // A key may be different for each message, but the names of spans shall be few.
    name: `send ${exchange === "" ? stableQueue(routingKey) : exchange}`,
    attributes: {
      "messaging.operation.name": operation,
      "messaging.operation.type": "send",
      "messaging.destination.name": destination,
      "messaging.rabbitmq.destination.routing_key": routingKey || undefined,
      "messaging.message.id": messageId,
    },
  };
}

function called(name: string): NewSpan {
  return {
    kind: "client",
    name: `call ${name}`,
    attributes: {
      "messaging.operation.name": "call",
      "messaging.operation.type": "send",
      "messaging.destination.name": name,
      "messaging.rabbitmq.destination.routing_key": name,
    },
  };
}

/** Headers with a place in a trace, unless the sender says one. What is no set of headers is refused later. */
function withTrace(headers: SendOptions["headers"], trace: TraceContext | undefined): SendOptions["headers"] {
  if (trace === undefined || (headers !== undefined && typeof headers !== "object") || headers === null) {
    return headers;
  }
  // A function's process sends its headers as a table.
  if (headers instanceof HeaderTable) {
    const table = headers.has("traceparent") ? headers : headers.with({ ...trace });
    return table as unknown as SendOptions["headers"];
  }
  return headers !== undefined && "traceparent" in headers ? headers : { ...headers, ...trace };
}
