import { traceContextIn, type Tracing } from "../../core/ports/trace.ts";
import { stableQueue } from "../../core/text/stable_queue.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Run } from "../delivery/run.ts";
import type { Stage } from "./stage.ts";

/** Gives each run a span. It continues the trace of the message's sender, and links to where the message was made. */
export function traced(tracing: Tracing, name: string): Stage {
  return (next) => (run) => {
    const made = traceContextIn(run.headers);
    const span = tracing.start({
      kind: "consumer",
      name: `process ${stableQueue(run.queue)}`,
      attributes: attributesOf(run, name),
      link: made,
    }, made ?? "none");
    run.span = span.context;
    return span.within(() =>
      andThen(next(run), (ending) => {
        span.end("error" in ending ? ending.error : undefined);
        return ending;
      })
    );
  };
}

function attributesOf({ queue, message, delivery, attempt }: Run, name: string) {
  const { id, exchange, routingKey, correlationId, body } = message;
  return {
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": destination(exchange, routingKey, stableQueue(queue)),
    "messaging.rabbitmq.destination.routing_key": routingKey || undefined,
    "messaging.rabbitmq.message.delivery_tag": delivery.tag,
    "messaging.message.id": id,
    "messaging.message.conversation_id": correlationId,
    "messaging.message.body.size": body.length,
    "hopper.function": name,
    "hopper.attempt": attempt,
  };
}

function destination(exchange: string, routingKey: string, queue: string): string {
  const parts = routingKey === queue ? [exchange, queue] : [exchange, routingKey, queue];
  return parts.filter((part) => part !== "").join(":");
}
