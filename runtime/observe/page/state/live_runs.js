// @ts-check
/// <reference lib="dom" />
/** @import { RunsView, RunSummary } from "../../api/views.ts" */
/** @import { RunList } from "./run_list.js" */
import { useEffect, useReducer, useRef } from "../lib/preact.js";
import { get } from "./api.js";
import { pollWith } from "./poll.js";
import { countNew, noRuns, withChanged, withLatest, withOlder } from "./run_list.js";

/** Runs that are asked for at once: the latest each second, and older ones where they are wanted. */
const latestSize = 100;
const olderSize = 500;
/** Runs that are seen and still run, but are no longer among the latest: this many are asked for at once. */
const mostAsked = 5;

/**
 * The runs that fit a filter, kept up to date. While the reader looks at older ones, new ones are only counted, so that
 * no row moves under the eyes.
 *
 * @param {string} query The filter, as the API takes it.
 */
export function useLiveRuns(query) {
  const [, redraw] = useReducer(countUp, 0);
  const live = useRef(/** @type {LiveRuns | undefined} */ (undefined));
  if (live.current?.query !== query) {
    live.current?.stop();
    live.current = new LiveRuns(query, () => redraw(undefined));
  }
  useEffect(() => {
    const current = live.current;
    current?.start();
    return () => current?.stop();
  }, [query]);
  return live.current;
}

/** @param {number} count */
const countUp = (count) => count + 1;

export class LiveRuns {
  /** @type {RunList} */
  list = noRuns;
  /** What is kept of all runs. @type {RunsView["kept"] | undefined} */
  kept;
  /** How many runs are new and not in the list. */
  waiting = 0;
  isLoaded = false;
  /** @type {Error | undefined} */
  error;
  /** @type {(() => void)} */
  #changed;
  /** @type {ReturnType<typeof pollWith> | undefined} */
  #poller;
  #isAtTop = true;
  #isLoadingOlder = false;
  /** @type {readonly string[]} */
  #seen = [];
  #latest = "";

  /** @param {string} query @param {() => void} changed */
  constructor(query, changed) {
    this.query = query;
    this.#changed = changed;
  }

  start() {
    this.#poller ??= pollWith((signal) => this.#poll(signal), 1_000);
  }

  stop() {
    this.#poller?.stop();
    this.#poller = undefined;
  }

  refresh() {
    this.#poller?.now();
  }

  /** Says which rows are seen, so that those are kept up to date. @param {readonly string[]} keys */
  see(keys) {
    this.#seen = keys;
  }

  /** Whether the reader sees the first row. @param {boolean} isAtTop */
  stayAtTop(isAtTop) {
    if (this.#isAtTop === isAtTop) return;
    this.#isAtTop = isAtTop;
    if (isAtTop) this.refresh();
  }

  /** Gets the runs that follow those of the list. */
  async older() {
    const { next } = this.list;
    if (next === undefined || this.#isLoadingOlder) return;
    this.#isLoadingOlder = true;
    try {
      const page = /** @type {RunsView} */ (await get(this.#path(olderSize, { cursor: next })));
      if (this.list.next === next) this.list = withOlder(this.list, page);
      this.#changed();
    } catch {
      // The poll says what is wrong; scrolling asks again.
    } finally {
      this.#isLoadingOlder = false;
    }
  }

  /** @param {AbortSignal} signal */
  async #poll(signal) {
    try {
      const page = /** @type {RunsView} */ (await get(this.#path(latestSize), signal));
      const stale = this.#staleIds(page);
      const asked = await Promise.all(stale.map((id) => runOf(id, signal)));
      const latest = JSON.stringify([page, asked, this.#isAtTop]);
      const isSame = latest === this.#latest && this.error === undefined;
      this.#latest = latest;
      this.error = undefined;
      if (isSame) return;
      this.#take(page, asked.filter((run) => run !== undefined));
      this.#changed();
    } catch (error) {
      if (signal.aborted) return;
      this.error = /** @type {Error} */ (error);
      this.#changed();
      throw error;
    }
  }

  /** @param {RunsView} page @param {readonly RunSummary[]} asked */
  #take(page, asked) {
    this.kept = page.kept;
    this.waiting = this.#isAtTop ? 0 : countNew(this.list, page.runs);
    this.list = withChanged(
      this.#isAtTop || !this.isLoaded ? withLatest(this.list, page) : withChanged(this.list, page.runs),
      asked,
    );
    this.isLoaded = true;
  }

  /** The runs that are seen as running and that the latest page does not tell about. @param {RunsView} page */
  #staleIds({ runs }) {
    const told = new Set(runs.map(({ id }) => id));
    const seen = new Set(this.#seen);
    return this.list.runs
      .filter(({ id, status }) => status === "running" && seen.has(id) && !told.has(id))
      .slice(0, mostAsked)
      .map(({ id }) => id);
  }

  /** @param {number} limit @param {Record<string, string>} [more] */
  #path(limit, more = {}) {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries({ limit: String(limit), ...more })) query.set(name, value);
    return `/api/runs?${query}`;
  }
}

/** @param {string} id @param {AbortSignal} signal @returns {Promise<RunSummary | undefined>} */
async function runOf(id, signal) {
  try {
    return await get(`/api/runs/${encodeURIComponent(id)}`, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
