import { Hono } from "hono";
import { strings } from "../../core/values.ts";
import type { DeadLetter } from "../../core/ports/dead_letter.ts";
import type { Trust } from "./guard.ts";
import { bodyOf } from "./input.ts";
import type { Operations } from "./operations.ts";
import { payloadOf } from "./payload.ts";
import { Refused } from "../../http/refused.ts";
import type { QueueWatch } from "./queue_watch.ts";
import { jsonSafe } from "./run_views.ts";
import { limitOf } from "./runs_routes.ts";
import type { DeadChange, DeadLetterView, DeadQueuesView, DeadView } from "./views.ts";

/** The dead letters of the functions: listed, grouped by error, sent back, deleted. */
export function deadRoutes({ queues }: Operations, watch: QueueWatch): Hono<{ Variables: Trust }> {
  const find = (name: string): string => {
    const queue = watch.names().includes(`${name}.dead`) ? `${name}.dead` : name;
    if (!watch.names().includes(queue)) {
      throw new Refused(404, "NOT_FOUND", `'${name}' is no queue of a function here`);
    }
    return queue;
  };
  return new Hono<{ Variables: Trust }>()
    .get("/", async (context) => {
      const views = (await watch.views()).filter(({ kind }) => kind === "dead");
      const view: DeadQueuesView = {
        queues: views.map(({ name, functions, ready = 0 }) => ({ name, functions, ready })),
      };
      return context.json(view);
    })
    .get("/:queue", async (context) => {
      const queue = find(context.req.param("queue"));
      const max = limitOf(context.req.query("max"), "max");
      const letters = await queues.deadLetters(queue, max);
      const ready = (await queues.counts([queue])).get(queue)?.ready ?? 0;
      const trusted = context.get("trusted");
      const view: DeadView = {
        queue,
        // Letters that are being looked at are not ready for a moment.
        ready: Math.max(ready, letters.length),
        letters: await Promise.all(letters.map((letter) => letterView(letter, trusted))),
        groups: groupsOf(letters),
      };
      return context.json(view);
    })
    .post("/:queue/replay", async (context) => {
      const queue = find(context.req.param("queue"));
      const { ids } = await queues.replay(queue, chosenIn(await bodyOf(context.req.raw)));
      return context.json({ done: ids.length, ids } satisfies DeadChange);
    })
    .post("/:queue/purge", async (context) => {
      const queue = find(context.req.param("queue"));
      const done = await queues.purge(queue, chosenIn(await bodyOf(context.req.raw)));
      return context.json({ done } satisfies DeadChange);
    });
}

/** The chosen ids; `undefined` for all. */
function chosenIn({ ids, all }: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  if (all === true && ids === undefined) return undefined;
  if (Array.isArray(ids) && ids.length > 0 && strings(ids).length === ids.length) return strings(ids);
  throw new Refused(400, "BAD_REQUEST", 'Say which dead letters: { "ids": ["…"] } or { "all": true }');
}

async function letterView(letter: DeadLetter, trusted: boolean): Promise<DeadLetterView> {
  const { id: messageId, headers, body, contentType, contentEncoding, ...rest } = letter;
  return {
    messageId,
    ...rest,
    ...trusted
      ? {
        payload: await payloadOf({ body, size: body.length, contentType, contentEncoding }),
        headers: jsonSafe(headers) as Record<string, unknown>,
      }
      : { hidden: true },
  };
}

/** Equal errors together, the most frequent first. Numbers and ids in them do not tell errors apart. */
function groupsOf(letters: readonly DeadLetter[]): DeadView["groups"] {
  const groups = new Map<string, { readonly error: string; readonly ids: string[] }>();
  for (const { id, error } of letters) {
    const alike = error.split("\n", 1)[0]!.replace(/[\da-f]{8}-[\da-f-]{27}|\d+/gi, "#");
    const group = groups.get(alike);
    if (group) group.ids.push(id);
    else groups.set(alike, { error, ids: [id] });
  }
  return [...groups.values()].map(({ error, ids }) => ({ error, count: ids.length, ids })).sort((a, b) =>
    b.count - a.count
  );
}
