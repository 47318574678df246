import { HeaderTable } from "../amqp/header_table.ts";
import type { Caller, SendOptions } from "../core/api/context.ts";
import {
  type NewSpan,
  readTraceparent,
  type RunPlace,
  type TraceContext,
  traceContextIn,
  type Tracing,
} from "../core/ports/trace.ts";
import { stableQueue } from "../core/text/stable_queue.ts";
import { newMessageId } from "../core/message_id.ts";

/** What traces, and the run that sends; without one, the place in the trace is wherever the code runs. */
export interface Place extends Partial<RunPlace> {
  /** Without it, a message only passes on where its sender is. */
  readonly tracing: Tracing | undefined;
}

type Given = SendOptions["headers"];

/** What a caller sends, with a span for each message and its place in the trace in the message's headers. */
export function inTrace(caller: Caller, { tracing, trace, came }: Place): Caller {
  const within = async <T>(
    span: NewSpan,
    given: Given,
    sending: (headers: Given) => Promise<T>,
  ): Promise<T> => {
    if (tracing === undefined) return await sending(saysTrace(given) ? given : withTrace(given, trace));
    const said = traceIn(given);
    const begun = tracing.start(span, parentOf(said, { trace, came }));
    try {
      const result = await begun.within(() => sending(withTrace(given, begun.context)));
      begun.end();
      return result;
    } catch (error) {
      begun.end(error);
      throw error;
    }
  };
  // Spans name the message's id, so it gets one here.
  const identified = (options: SendOptions) => tracing ? { messageId: newMessageId(), ...options } : options;
  const send = async (queue: string, body: unknown, options: SendOptions = {}) => {
    const own = identified(options);
    return await within<string | void>(
      sent("send", "", queue, own.messageId),
      own.headers,
      (headers) => caller.send(queue, body, { ...own, headers }),
    );
  };
  return {
    send: send as Caller["send"],
    async publish(exchange, routingKey, body, options = {}) {
      const own = identified(options);
      await within(
        sent("publish", exchange, routingKey, own.messageId),
        own.headers,
        (headers) => caller.publish(exchange, routingKey, body, { ...own, headers }),
      );
    },
    call: (name, input, options = {}) =>
      within(called(name), options.headers, (headers) => caller.call(name, input, { ...options, headers })),
    cancel: caller.cancel,
  };
}

// A function's process says in which of its spans it sends, and so may anybody who traces by hand; but who passes on all
// headers of the message does not mean them.
function parentOf(said: TraceContext | undefined, { trace, came }: Partial<RunPlace>) {
  if (said === undefined || said.traceparent === came?.traceparent) return trace ?? "current";
  const isSame = trace !== undefined && traceIdOf(said) === traceIdOf(trace);
  return isSame ? { ...trace, ...said } : said;
}

function traceIdOf({ traceparent }: TraceContext): string | undefined {
  return readTraceparent(traceparent)?.traceId;
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

// A function's process sends its headers as a table. What is no set of headers is refused later.
function isObject(given: unknown): given is Readonly<Record<string, unknown>> | HeaderTable {
  return typeof given === "object" && given !== null;
}

function saysTrace(given: Given): boolean {
  return isObject(given) &&
    (given instanceof HeaderTable ? given.has("traceparent") : "traceparent" in given);
}

function traceIn(given: Given): TraceContext | undefined {
  if (!isObject(given)) return undefined;
  return traceContextIn(given instanceof HeaderTable ? given : { get: (name) => given[name] });
}

/** Headers with a place in a trace instead of another one. */
function withTrace(given: Given, trace: TraceContext | undefined): Given {
  if (trace === undefined || given !== undefined && !isObject(given)) return given;
  if (given instanceof HeaderTable) return given.with({ ...trace }) as unknown as Given;
  return { ...given, ...trace };
}
