import { Hono } from "hono";
import type { Trust } from "./guard.ts";
import type { Operations, Peeked } from "./operations.ts";
import { payloadOf } from "./payload.ts";
import { Refused } from "../../http/refused.ts";
import { jsonSafe } from "./run_views.ts";
import { limitOf } from "./runs_routes.ts";
import type { QueueWatch } from "./queue_watch.ts";
import type { PeekedMessage, PeekView, QueuesView } from "./views.ts";

const usualPeek = 10;

/** Why a quorum queue is not looked into. */
export function countsLooks(name: string): string {
  return `'${name}' is a quorum queue, which counts a look as a delivery: RabbitMQ 4 drops a message after 20 of them`;
}

/** The queues of the functions: how many messages they have, and the first of them. */
export function queuesRoutes(
  { queues, functions }: Operations,
  watch: QueueWatch,
): Hono<{ Variables: Trust }> {
  const isQuorum = (name: string) =>
    functions().some(({ queue, declared: { settings } }) =>
      queue === name && settings.queueType === "quorum"
    );
  return new Hono<{ Variables: Trust }>()
    .get("/", async (context) => context.json({ queues: await watch.views() } satisfies QueuesView))
    .get("/:name/peek", async (context) => {
      if (!context.get("trusted")) {
        throw new Refused(401, "UNAUTHORIZED", "Messages are shown only with the token");
      }
      const name = context.req.param("name");
      if (!watch.names().includes(name)) {
        throw new Refused(404, "NOT_FOUND", `'${name}' is no queue of a function here`);
      }
      if (isQuorum(name)) throw new Refused(409, "COUNTS_LOOKS", countsLooks(name));
      const max = limitOf(context.req.query("max"), "max", usualPeek);
      const messages = await Promise.all((await queues.peek(name, max)).map(peekedView));
      return context.json({ messages } satisfies PeekView);
    });
}

async function peekedView(
  { body, contentType, headers, properties, ...message }: Peeked,
): Promise<PeekedMessage> {
  return {
    ...message,
    headers: jsonSafe(headers) as Record<string, unknown>,
    properties: jsonSafe(properties) as Record<string, unknown>,
    payload: await payloadOf({ body, size: body.length, contentType }),
  };
}
