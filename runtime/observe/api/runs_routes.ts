import { Hono } from "hono";
import { durationForm, parseDuration } from "../../core/api/duration.ts";
import { newMessageId } from "../../core/message_id.ts";
import type { RunLog } from "../runs/run_log.ts";
import type { RunRecord } from "../runs/record.ts";
import { select } from "../runs/query.ts";
import { bodyOf, inputOf } from "./input.ts";
import type { Trust } from "./guard.ts";
import type { Operations } from "./operations.ts";
import { Refused } from "../../http/refused.ts";
import { runDetail, runSummary } from "./run_views.ts";
import { type ReplayView, type RunStatus, runStatuses, type RunsView } from "./views.ts";

const defaultLimit = 100;
const maxLimit = 1_000;
const maxSearch = 200;

/** The runs: listed, shown, and sent again. */
export function runsRoutes(runs: RunLog, { send }: Pick<Operations, "send">): Hono<{ Variables: Trust }> {
  const find = (id: string) => {
    const record = runs.get(id);
    if (record === undefined) {
      throw new Refused(404, "NOT_FOUND", `No run '${id}': it was never here, or is no longer kept`);
    }
    return record;
  };
  return new Hono<{ Variables: Trust }>()
    .get("/", async (context) => {
      const { req } = context;
      const query = {
        function: req.query("function") || undefined,
        status: statusesOf(req.query("status")),
        since: sinceOf(req.query("since")),
        search: searchOf(req.query("search")),
        cursor: req.query("cursor") || undefined,
        limit: limitOf(req.query("limit")),
      };
      const latest = runs.latest();
      const page = await select(latest, query, context.get("trusted"));
      const oldest = latest.at(-1);
      const view: RunsView = {
        runs: page.runs.map(runSummary),
        ...page.next === undefined ? {} : { next: page.next },
        kept: {
          runs: latest.length,
          bytes: runs.bytes,
          ...oldest === undefined ? {} : { oldest: new Date(oldest.queuedAt).toISOString() },
        },
      };
      return context.json(view);
    })
    .get("/:id", async (context) => {
      const record = find(context.req.param("id"));
      const attempts = runs.latest().filter((other) => isOfSameMessage(record, other)).reverse();
      return context.json(await runDetail(record, attempts, context.get("trusted")));
    })
    .post("/:id/replay", async (context) => {
      const record = find(context.req.param("id"));
      const input = inputOf(await bodyOf(context.req.raw));
      const messageId = newMessageId();
      const { properties: { contentType, contentEncoding, correlationId, type } } = record;
      const message = messageFor(record, input !== undefined);
      await send(record.queue, {
        ...input === undefined
          ? { body: message.body, ...texts({ contentType, contentEncoding }) }
          : { body: input.value, ...input.isText ? texts({ contentType }) : {} },
        headers: message.headers,
        messageId,
        ...texts({ correlationId, type }),
      });
      const view: ReplayView = { messageId, queue: record.queue };
      return context.json(view, 202);
    });
}

/** The body and headers of a run's message, to be sent again. Throws if they were not kept whole. */
function messageFor({ message }: RunRecord, isEdited: boolean) {
  if (message === undefined) {
    if (isEdited) return { body: new Uint8Array(), headers: new Uint8Array() };
    throw new Refused(
      409,
      "NOT_KEPT",
      "The payload of this run was not kept, so it cannot be sent again; give one, or set keepPayloads in deploy.config.ts",
    );
  }
  const { body, size, headers } = message;
  if (headers === undefined) {
    throw new Refused(
      409,
      "NOT_KEPT",
      "The headers of this run's message were too large to be kept, so it cannot be sent again",
    );
  }
  if (body.length < size && !isEdited) {
    throw new Refused(
      409,
      "NOT_KEPT",
      `Only the first ${body.length} of the payload's ${size} bytes were kept, so it cannot be sent again; give one, ` +
        "or replay its dead letter if there is one",
    );
  }
  return { body, headers };
}

function isOfSameMessage(one: RunRecord, other: RunRecord): boolean {
  return one.messageId === other.messageId && one.function === other.function;
}

function texts<Name extends string>(values: Record<Name, unknown>): Partial<Record<Name, string>> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => typeof value === "string"),
  ) as Partial<Record<Name, string>>;
}

function statusesOf(text: string | undefined): RunStatus[] | undefined {
  if (!text) return undefined;
  return text.split(",").map((status) => {
    if (runStatuses.includes(status as RunStatus)) return status as RunStatus;
    throw new Refused(
      400,
      "BAD_REQUEST",
      `'${status}' is not a status; there are: ${runStatuses.join(", ")}`,
    );
  });
}

/** A time, or how long ago: `2026-03-01T12:00:00Z`, `1h`. */
function sinceOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const ms = parseDuration(text);
  const at = ms === undefined ? Date.parse(text) : Date.now() - ms;
  if (Number.isNaN(at)) {
    throw new Refused(
      400,
      "BAD_REQUEST",
      `'since' is a time such as 2026-03-01T12:00:00Z, or ${durationForm}`,
    );
  }
  return at;
}

function searchOf(text: string | undefined): string | undefined {
  if (text !== undefined && text.length > maxSearch) {
    throw new Refused(400, "BAD_REQUEST", `'search' has at most ${maxSearch} characters`);
  }
  return text;
}

/** How many are asked for at once. */
export function limitOf(text: string | undefined, name = "limit", usual = defaultLimit): number {
  const limit = text === undefined || text === "" ? usual : Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new Refused(400, "BAD_REQUEST", `'${name}' is a whole number from 1 to ${maxLimit}`);
  }
  return limit;
}
