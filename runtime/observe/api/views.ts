/*
 * What the admin API answers, as JSON. The page, the commands and the tests read these shapes and nothing else.
 * Times are text as in `Date.toISOString()`, durations are milliseconds.
 */

import type { Problem } from "../../core/api/problem.ts";

export type * from "./views/functions.ts";
export * from "./views/runs.ts";
export type * from "./views/queues.ts";
export type * from "./views/dead.ts";
export type * from "./views/topology.ts";

/**
 * `GET /api/events?function=NAME&only=log,failed`: server-sent events. `event:` is the event's name and `data:` the same
 * JSON as a line of `--log json`. A reader that is too slow is dropped: its stream ends.
 */

/** An error, as RFC 9457 has it (`application/problem+json`), as rpc's errors too. */
export type ProblemView = Pick<Problem, "type" | "title" | "status" | "detail" | "code">;
