// @ts-check
/** @import { RunsView, RunSummary } from "../../api/views.ts" */

/**
 * The runs that the page has, the latest first, and where the next ones are.
 *
 * @typedef {{ readonly runs: readonly RunSummary[], readonly next: string | undefined }} RunList
 */

/** The most that is kept here; as many as a runtime keeps by default. */
export const mostRuns = 10_000;

/** @type {RunList} */
export const noRuns = { runs: [], next: undefined };

/**
 * The list after the API has told the latest runs. If there are more new ones than it tells at once, those in between are
 * unknown, and the list begins anew with the latest.
 *
 * @param {RunList} list
 * @param {Pick<RunsView, "runs" | "next">} latest
 * @returns {RunList}
 */
export function withLatest(list, { runs, next }) {
  const ids = new Set(runs.map(({ id }) => id));
  // Those of the list that are older than all of the latest.
  const overlap = list.runs.findLastIndex(({ id }) => ids.has(id));
  if (overlap < 0 || next === undefined) return { runs, next };
  const older = list.runs.slice(overlap + 1);
  if (older.length === 0) return { runs, next };
  return { runs: [...runs, ...older].slice(0, mostRuns), next: list.next };
}

/**
 * The list with the runs that follow it.
 *
 * @param {RunList} list
 * @param {Pick<RunsView, "runs" | "next">} page
 * @returns {RunList}
 */
export function withOlder(list, { runs, next }) {
  const known = new Set(list.runs.map(({ id }) => id));
  const all = [...list.runs, ...runs.filter(({ id }) => !known.has(id))];
  return { runs: all.slice(0, mostRuns), next: all.length < mostRuns ? next : undefined };
}

/**
 * The list with what is new of runs that it has.
 *
 * @param {RunList} list
 * @param {readonly RunSummary[]} changed
 * @returns {RunList}
 */
export function withChanged(list, changed) {
  const byId = new Map(changed.map((run) => [run.id, run]));
  return { ...list, runs: list.runs.map((run) => byId.get(run.id) ?? run) };
}

/**
 * How many of the latest runs the list does not have.
 *
 * @param {RunList} list
 * @param {readonly RunSummary[]} latest
 */
export function countNew(list, latest) {
  const known = new Set(list.runs.map(({ id }) => id));
  return latest.filter(({ id }) => !known.has(id)).length;
}
